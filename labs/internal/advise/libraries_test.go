package advise

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"socketlabs/harness/skip"
)

// fetched runs a command that downloads a library for a program in dir. If that fails, it skips the test.
func fetched(t *testing.T, dir, library, name string, args ...string) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), name, args...)
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil {
		skip.Needs(t, library, strings.TrimSpace(string(out)))
	}
}

// rustHead makes a program of the snippet in Rust. It prints the socket's options, which the crate reads from the kernel.
const rustHead = `
fn main() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let mut stream = connect(&listener.local_addr().unwrap()).unwrap();
    let mut answer = [0; 3];
    let accepted = std::thread::spawn(move || listener.accept().unwrap().0.write_all(b"yes").unwrap());
    assert_eq!(ask(&mut stream, b"?", &mut answer).unwrap(), 3);
    accepted.join().unwrap();
    assert_eq!(stream.write_timeout().unwrap(), Some(Duration::from_secs(9)));
    assert_eq!(stream.read_timeout().unwrap(), None);
    let socket = SockRef::from(&stream);
    println!(
        "{{\"idle\":{},\"interval\":{},\"count\":{},\"user_timeout\":{}}}",
        socket.keepalive_time().unwrap().as_secs(),
        socket.keepalive_interval().unwrap().as_secs(),
        socket.keepalive_retries().unwrap(),
        socket.tcp_user_timeout().unwrap().unwrap().as_millis(),
    );
}
`

// debiansCrates is where Debian's packages put crates, such as librust-socket2-dev.
const debiansCrates = "/usr/share/cargo/registry"

func TestRustSnippetSetsWhatItSays(t *testing.T) {
	if runtime.GOOS != "linux" {
		skip.Needs(t, "Linux", "only there the crate has all that the snippet sets")
	}
	cargo := tool(t, "cargo")
	dir := t.TempDir()
	write(t, dir, "Cargo.toml", `[package]
name = "written"
version = "0.1.0"
edition = "2021"

[dependencies]
socket2 = { version = ">=0.4.4, <0.7", features = ["all"] }
`)
	if found, err := filepath.Glob(debiansCrates + "/socket2-*"); err == nil && found != nil {
		require.NoError(t, os.Mkdir(filepath.Join(dir, ".cargo"), 0o777))
		write(t, dir, ".cargo/config.toml", `source.crates-io.replace-with = "debian"`+"\n"+`source.debian.directory = "`+debiansCrates+`"`+"\n")
	}
	require.NoError(t, os.Mkdir(filepath.Join(dir, "src"), 0o777))
	write(t, dir, "src/main.rs", written(t, "rust.rs.tmpl", full)+rustHead)
	fetched(t, dir, "socket2", cargo, "fetch", "--quiet")
	run(t, dir, cargo, "build", "--quiet", "--offline")
	assert.JSONEq(t, readBack, run(t, dir, filepath.Join(dir, "target/debug/written")))
}

// grpcHead makes a program of the snippets for gRPC-Go: a server, and a client that connects to it.
const grpcHead = `package main

import (
	"context"
	"encoding/json"
	"errors"
	"net"
	"os"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
	"google.golang.org/grpc"
	"google.golang.org/grpc/connectivity"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/keepalive"
)

func main() {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	go grpc.NewServer(option2).Serve(listener)
	client, err := grpc.NewClient(listener.Addr().String(), option1, option3, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		panic(err)
	}
	client.Connect()
	for client.GetState() != connectivity.Ready {
		client.WaitForStateChange(context.Background(), client.GetState())
	}
	raw, _ := dialed.(syscall.Conn).SyscallConn()
	raw.Control(func(fd uintptr) {
		get := func(option int) int { value, _ := unix.GetsockoptInt(int(fd), unix.IPPROTO_TCP, option); return value }
		json.NewEncoder(os.Stdout).Encode(map[string]int{"idle": get(unix.TCP_KEEPIDLE), "interval": get(unix.TCP_KEEPINTVL),
			"count": get(unix.TCP_KEEPCNT), "user_timeout": get(unix.TCP_USER_TIMEOUT)})
	})
}

// dialed is the client's connection.
var dialed net.Conn

func dial(ctx context.Context, address string) (conn net.Conn, err error) {
	dialed, err = defend(ctx, address)
	return dialed, err
}

`

// gRPC-Go is not in our go.mod, because it has more dependencies than all of the labs. Only this program's module requires it.
func TestGRPCSnippetSetsWhatItSays(t *testing.T) {
	if runtime.GOOS != "linux" {
		skip.Needs(t, "Linux", "the program reads the options back by their names there")
	}
	goTool := tool(t, "go")
	dir := t.TempDir()
	write(t, dir, "go.mod", `module written

go 1.26

require (
	golang.org/x/sys v0.49.0
	google.golang.org/grpc v1.76.0
)
`)
	client := strings.Replace(written(t, "client.go.tmpl", full), "func dial(", "func defend(", 1)
	options := written(t, "grpc.txt.tmpl", full)
	for _, name := range []string{"option1", "option2", "option3"} {
		begin := regexp.MustCompile(`(?m)^grpc\.`).FindStringIndex(options)
		require.NotNil(t, begin, "the snippet has an option less: %s", options)
		options = options[:begin[0]] + "var " + name + " = " + options[begin[0]:]
	}
	write(t, dir, "main.go", grpcHead+client+"\n"+options)
	t.Setenv("GOFLAGS", "-mod=mod")
	t.Setenv("CGO_ENABLED", "0")
	fetched(t, dir, "gRPC-Go", goTool, "list", "-deps", ".")
	program := filepath.Join(dir, "main")
	run(t, dir, goTool, "build", "-o", program, ".")
	assert.JSONEq(t, readBack, run(t, dir, program))
}
