package advise

import (
	"cmp"
	"encoding/json"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"socketlabs/harness/skip"
	"socketlabs/lab04_compare/rule"
)

// full has every setting.
var full = rule.Settings{
	Keepalive:   rule.Keepalive{Idle: 5 * time.Second, Interval: 2 * time.Second, Count: 3},
	UserTimeout: 10500 * time.Millisecond, DialTimeout: 10 * time.Second, WriteTimeout: 9 * time.Second, AnswerTimeout: 8500 * time.Millisecond,
	Heartbeat: rule.Heartbeat{Every: 3 * time.Second, Silence: 9 * time.Second},
}

// some are settings of which some are left out.
var some = []rule.Settings{full, {DialTimeout: full.DialTimeout}, {UserTimeout: full.UserTimeout}, {Heartbeat: full.Heartbeat},
	{Keepalive: full.Keepalive, AnswerTimeout: full.AnswerTimeout}}

// readBack is the options of a socket with the settings of full.
const readBack = `{"idle":5,"interval":2,"count":3,"user_timeout":10500}`

// written is the text of a template for settings, at the place that the template is for.
func written(t *testing.T, file string, set rule.Settings) string {
	t.Helper()
	i := slices.IndexFunc(places, func(p place) bool { return p.file == file })
	require.GreaterOrEqual(t, i, 0, file)
	text, err := places[i].text(set)
	require.NoError(t, err)
	return text
}

// tool finds a program that compiles or runs snippets.
func tool(t *testing.T, name string) string {
	t.Helper()
	skip.UnlessChecking(t, "compiles")
	path, err := exec.LookPath(name)
	if err != nil {
		skip.Needs(t, name, "it is not on the PATH; install it")
	}
	return path
}

func run(t *testing.T, dir, name string, args ...string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), name, args...)
	cmd.Dir = dir
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, "%s", out)
	return string(out)
}

func write(t *testing.T, dir, name, text string) string {
	t.Helper()
	path := filepath.Join(dir, name)
	require.NoError(t, os.WriteFile(path, []byte(text), 0o666))
	return path
}

// goHead makes a program of the snippets in Go.
const goHead = `package main

import (
	"context"
	"encoding/json"
	"errors"
	"net"
	"net/http"
	"os"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

var (
	_ = errors.Join
	_ = time.Second
	_ = http.NewRequest
	_ = unix.SO_KEEPALIVE
	_ syscall.RawConn
)

func main() {
	listener, err := listen(context.Background(), "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	conn, err := dial(context.Background(), listener.Addr().String())
	if err != nil {
		panic(err)
	}
	accepted, err := listener.Accept()
	if err != nil {
		panic(err)
	}
	newHTTPClient()
	for _, c := range []net.Conn{conn, accepted} {
		raw, _ := c.(*net.TCPConn).SyscallConn()
		raw.Control(func(fd uintptr) {
			get := func(option int) int { value, _ := unix.GetsockoptInt(int(fd), unix.IPPROTO_TCP, option); return value }
			json.NewEncoder(os.Stdout).Encode(map[string]int{"idle": get(unix.TCP_KEEPIDLE), "interval": get(unix.TCP_KEEPINTVL),
				"count": get(unix.TCP_KEEPCNT), "user_timeout": get(unix.TCP_USER_TIMEOUT)})
		})
	}
}

`

func TestGoSnippetsSetWhatTheySay(t *testing.T) {
	goTool := tool(t, "go")
	for _, set := range some {
		text := goHead
		for _, file := range []string{"client.go.tmpl", "server.go.tmpl", "http.go.tmpl"} {
			text += cmp.Or(written(t, file, set), written(t, file, full)) + "\n"
		}
		program := built(t, goTool, text)
		if set == full {
			out := strings.Fields(run(t, ".", program))
			require.Len(t, out, 2)
			assert.JSONEq(t, readBack, out[0], "the client")
			assert.JSONEq(t, readBack, out[1], "the server")
		}
	}
}

// built compiles a program as if it were a package of this module, which has the packages that it imports.
func built(t *testing.T, goTool, text string) (program string) {
	t.Helper()
	dir := t.TempDir()
	overlay, err := json.Marshal(map[string]map[string]string{"Replace": {
		absolute(t, "written/main.go"): write(t, dir, "main.go", text)}})
	require.NoError(t, err)
	program = filepath.Join(dir, "main")
	run(t, ".", goTool, "build", "-overlay", write(t, dir, "overlay.json", string(overlay)), "-o", program, "./written")
	return program
}

func absolute(t *testing.T, name string) string {
	t.Helper()
	path, err := filepath.Abs(name)
	require.NoError(t, err)
	return path
}

func TestPythonSnippetSetsWhatItSays(t *testing.T) {
	python := tool(t, "python3")
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer listener.Close()
	host, port, err := net.SplitHostPort(listener.Addr().String())
	require.NoError(t, err)
	go func() {
		conn, err := listener.Accept()
		if assert.NoError(t, err) {
			assert.NoError(t, conn.SetDeadline(time.Now().Add(10*time.Second)))
			_, err = io.CopyN(conn, conn, int64(len("question")))
			assert.NoError(t, err)
		}
	}()
	out := run(t, t.TempDir(), python, "-c", written(t, "python.py.tmpl", full)+`
import json, sys
conn = connect((sys.argv[1], int(sys.argv[2])))
assert ask(conn, b"question", 8) == b"question" and conn.gettimeout() is None
get = lambda option: conn.getsockopt(socket.IPPROTO_TCP, option)
print(json.dumps({"idle": get(socket.TCP_KEEPIDLE), "interval": get(socket.TCP_KEEPINTVL),
    "count": get(socket.TCP_KEEPCNT), "user_timeout": get(socket.TCP_USER_TIMEOUT)}))
`, host, port)
	assert.JSONEq(t, readBack, out)
}

func TestCSnippetSetsWhatItSays(t *testing.T) {
	gcc := tool(t, "gcc")
	dir := t.TempDir()
	program := filepath.Join(dir, "main")
	for _, set := range some {
		if text := written(t, "c.c.tmpl", set); text != "" {
			run(t, dir, gcc, "-Wall", "-Wextra", "-Werror", "-c", "-o", program, write(t, dir, "some.c", text))
		}
	}
	source := write(t, dir, "main.c", "#include <stdio.h>\n"+written(t, "c.c.tmpl", full)+`
static int get(int fd, int option) {
	int value = 0;
	socklen_t size = sizeof value;
	getsockopt(fd, IPPROTO_TCP, option, &value, &size);
	return value;
}

int main(void) {
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	if (defend(fd) < 0)
		return 1;
	printf("{\"idle\":%d,\"interval\":%d,\"count\":%d,\"user_timeout\":%d}\n", get(fd, TCP_KEEPIDLE), get(fd, TCP_KEEPINTVL),
	       get(fd, TCP_KEEPCNT), get(fd, TCP_USER_TIMEOUT));
	return 0;
}
`)
	run(t, dir, gcc, "-Wall", "-Wextra", "-Werror", "-o", program, source)
	assert.JSONEq(t, readBack, run(t, dir, program))
}

func TestJavaSnippetCompiles(t *testing.T) {
	javac := tool(t, "javac")
	dir := t.TempDir()
	for _, set := range []rule.Settings{full, {Keepalive: full.Keepalive}} {
		run(t, dir, javac, "-Xlint:all", "-Werror", "-d", dir, write(t, dir, "Client.java", written(t, "Java.java.tmpl", set)))
	}
}
