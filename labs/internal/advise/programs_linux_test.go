package advise

import (
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"
	"golang.org/x/sys/unix"

	"socketlabs/harness/skip"
)

// The snippet's system settings are set in a network namespace, and read back.
func TestSysctlSnippetSetsWhatItSays(t *testing.T) {
	unshare := tool(t, "unshare")
	tool(t, "sysctl")
	if out, err := exec.CommandContext(t.Context(), unshare, "-rn", "true").CombinedOutput(); err != nil {
		skip.Needs(t, "namespaces", string(out))
	}
	file := write(t, t.TempDir(), "sysctl.conf", written(t, "sysctl.conf.tmpl", full))
	out := run(t, ".", unshare, "-rn", "sh", "-c", `sysctl -q -p "$0" && cd /proc/sys/net/ipv4 && cat tcp_keepalive_time tcp_keepalive_intvl tcp_keepalive_probes`, file)
	assert.Equal(t, "5\n2\n3\n", out)
}

// The snippet for a pod is YAML, and its settings are settings that the kernel has for each network namespace. No cluster runs it.
func TestKubernetesSnippetNamesSettingsOfTheKernel(t *testing.T) {
	var spec struct {
		SecurityContext struct {
			Sysctls []struct{ Name, Value string }
		} `yaml:"securityContext"`
	}
	decoder := yaml.NewDecoder(strings.NewReader(written(t, "pod.yaml.tmpl", full)))
	decoder.KnownFields(true)
	require.NoError(t, decoder.Decode(&spec))
	values := make(map[string]string)
	for _, s := range spec.SecurityContext.Sysctls {
		values[s.Name] = s.Value
		assert.FileExists(t, filepath.Join("/proc/sys", strings.ReplaceAll(s.Name, ".", "/")))
	}
	assert.Equal(t, map[string]string{"net.ipv4.tcp_keepalive_time": "5", "net.ipv4.tcp_keepalive_intvl": "2", "net.ipv4.tcp_keepalive_probes": "3"}, values)
}

// nginx accepts a configuration with the snippet, and with the parameter of listen that the comment names.
func TestNginxTakesSnippet(t *testing.T) {
	nginx := tool(t, "nginx")
	dir := t.TempDir()
	snippet := written(t, "nginx.conf.tmpl", full)
	keepalive := regexp.MustCompile(`so_keepalive=\S+;`).FindString(snippet)
	require.NotEmpty(t, keepalive)
	file := write(t, dir, "nginx.conf", fmt.Sprintf(`
pid %[1]s/pid;
events {}
http {
	access_log off;
	client_body_temp_path %[1]s/a; proxy_temp_path %[1]s/b; fastcgi_temp_path %[1]s/c; uwsgi_temp_path %[1]s/d; scgi_temp_path %[1]s/e;
	server {
		listen unix:%[1]s/socket %[2]s
		location / {
			proxy_pass http://127.0.0.1:9;
			%[3]s
		}
	}
}
`, dir, keepalive, snippet))
	assert.Contains(t, run(t, dir, nginx, "-t", "-e", "stderr", "-c", file), "test is successful")
}

// PostgreSQL's server reads the snippet, and prints the settings that it has then.
func TestPostgresServerTakesSnippet(t *testing.T) {
	postgres := tool(t, "postgres")
	dir := t.TempDir()
	write(t, dir, "postgresql.conf", written(t, "postgresql.conf.tmpl", full))
	for name, want := range map[string]string{"tcp_keepalives_idle": "5", "tcp_keepalives_interval": "2", "tcp_keepalives_count": "3", "tcp_user_timeout": "10500"} {
		out, err := exec.CommandContext(t.Context(), postgres, "-C", name, "-D", dir).Output() // it prints errors about files that only a database has
		require.NoError(t, err)
		assert.Equal(t, want+"\n", string(out), name)
	}
}

// A client of libpq accepts the parameters of the snippet, and its connection's keepalive timer is set to the idle time.
func TestLibpqTakesSnippet(t *testing.T) {
	psql := tool(t, "psql")
	listener, err := net.Listen("tcp4", "127.0.0.1:0")
	require.NoError(t, err)
	defer listener.Close()
	_, port, err := net.SplitHostPort(listener.Addr().String())
	require.NoError(t, err)
	cmd := exec.CommandContext(t.Context(), psql, "-w", "host=127.0.0.1 sslmode=disable gssencmode=disable port="+port+" "+written(t, "libpq.txt.tmpl", full))
	var said strings.Builder
	cmd.Stderr = &said
	require.NoError(t, cmd.Start())
	ended := make(chan error, 1)
	go func() {
		ended <- cmd.Wait()
		listener.Close()
	}()
	accepted, err := listener.Accept()
	require.NoError(t, err, "psql does not connect: %s", &said)
	left := keepaliveTimer(t, accepted.RemoteAddr().(*net.TCPAddr).Port)
	assert.NoError(t, accepted.Close())
	assert.Error(t, <-ended, "nobody has answered")
	assert.Positive(t, left)
	assert.LessOrEqual(t, left, full.Keepalive.Idle)
}

// keepaliveTimer is the time until the next keepalive probe of the socket with a local port: proc_net_tcp in the kernel's
// documentation.
func keepaliveTimer(t *testing.T, port int) time.Duration {
	t.Helper()
	const keepalive = "02" // the socket shows another timer until its data is acknowledged
	for deadline := time.Now().Add(10 * time.Second); time.Now().Before(deadline); time.Sleep(time.Millisecond) {
		table, err := os.ReadFile("/proc/net/tcp")
		require.NoError(t, err)
		for line := range strings.Lines(string(table)) {
			fields := strings.Fields(line)
			timer, left, _ := strings.Cut(fields[5], ":")
			if strings.HasSuffix(fields[1], fmt.Sprintf(":%04X", port)) && timer == keepalive {
				ticks, err := strconv.ParseInt(left, 16, 64)
				require.NoError(t, err)
				return time.Duration(ticks) * time.Second / 100 // USER_HZ
			}
		}
	}
	require.Fail(t, "the socket has no keepalive timer")
	return 0
}

// The client in Node.js asks, and gets an answer. Its socket has the options of the snippet.
func TestNodeSnippetSetsWhatItSays(t *testing.T) {
	node := tool(t, "node")
	listener, err := net.Listen("tcp4", "127.0.0.1:0")
	require.NoError(t, err)
	defer listener.Close()
	host, port, err := net.SplitHostPort(listener.Addr().String())
	require.NoError(t, err)
	dir := t.TempDir()
	write(t, dir, "client.js", written(t, "node.js.tmpl", full))
	cmd := exec.CommandContext(t.Context(), node, "-e", `const { connect, ask } = require('./client.js');
const s = connect(+process.argv[2], process.argv[1]);
s.on('connect', () => ask(s, 'question', (answer) => console.log(s._handle.fd, String(answer), s.timeout)));`, host, port)
	cmd.Dir = dir
	out, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	conn, err := listener.Accept()
	require.NoError(t, err)
	_, err = io.ReadFull(conn, make([]byte, len("question")))
	require.NoError(t, err)
	_, err = conn.Write([]byte("answer"))
	require.NoError(t, err)
	var fd, timeout int
	_, err = fmt.Fscanf(out, "%d answer %d\n", &fd, &timeout)
	require.NoError(t, err)
	assert.Zero(t, timeout, "once the answer is there, the socket has no timeout")
	get := optionsOf(t, cmd.Process.Pid, fd)
	assert.Equal(t, []int{1, 1, 10, 0}, []int{get(unix.TCP_KEEPIDLE), get(unix.TCP_KEEPINTVL), get(unix.TCP_KEEPCNT), get(unix.TCP_USER_TIMEOUT)})
	require.NoError(t, conn.Close())
	require.NoError(t, cmd.Wait())
}

// optionsOf reads options of a child's socket: pidfd_getfd(2).
func optionsOf(t *testing.T, pid, fd int) (get func(option int) int) {
	t.Helper()
	child, err := unix.PidfdOpen(pid, 0)
	require.NoError(t, err)
	defer unix.Close(child)
	ours, err := unix.PidfdGetfd(child, fd, 0)
	if errors.Is(err, unix.EPERM) || errors.Is(err, unix.ENOSYS) {
		skip.Needs(t, "pidfd_getfd", err.Error())
	}
	require.NoError(t, err)
	t.Cleanup(func() { unix.Close(ours) })
	return func(option int) int {
		value, err := unix.GetsockoptInt(ours, unix.IPPROTO_TCP, option)
		require.NoError(t, err)
		return value
	}
}
