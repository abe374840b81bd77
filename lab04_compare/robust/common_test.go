package robust

import (
	"bufio"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The tests wait, and need little processor time, so more tests than cores can run at the same time.
func TestMain(m *testing.M) {
	flag.Set("test.parallel", "50")
	slog.SetDefault(slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug})))
	m.Run()
}

// log is what the servers of all tests have logged.
var log journal

type journal struct {
	mu    sync.Mutex
	lines []string
}

func (j *journal) Write(line []byte) (int, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.lines = append(j.lines, string(line))
	return len(line), nil
}

// await waits for a line with all these parts.
func (j *journal) await(t *testing.T, parts ...any) {
	t.Helper()
	hasAll := func(line string) bool {
		for _, part := range parts {
			if !strings.Contains(line, fmt.Sprint(part)) {
				return false
			}
		}
		return true
	}
	assert.Eventually(t, func() bool {
		j.mu.Lock()
		defer j.mu.Unlock()
		return slices.ContainsFunc(j.lines, hasAll)
	}, guard, time.Millisecond, "the server should log a line with %q", parts)
}

// skip says what is missing, and what would help. go test -json gives the attribute as data.
func skip(t *testing.T, need, why string) {
	t.Helper()
	t.Attr("needs", need)
	t.Skipf("needs %s: %s", need, why)
}

// unlessChecking skips a test that waits for more than a second: until the kernel gives up or retransmits. LABS_CHECK=on runs it.
func unlessChecking(t *testing.T) {
	t.Helper()
	if os.Getenv("LABS_CHECK") != "on" {
		skip(t, "make check", "it waits for more than a second; LABS_CHECK=on go test runs it")
	}
}

// guard is the time after which a test that hangs fails. It is far more than any test needs.
const guard = 30 * time.Second

// short has short limits, so that the tests take little time. A test that waits for one limit sets the others to long.
var short = Limits{
	Request: 500 * time.Millisecond, Answer: 500 * time.Millisecond,
	Idle: time.Second, Interval: time.Second, Count: 1,
	Line: 1 << 10, Buffer: 4 << 10, Clients: 10,
}

const long = time.Hour

// server is a Serve that runs for a test.
type server struct {
	t        *testing.T
	listener *net.TCPListener
	address  string
	stop     context.CancelFunc
	ended    chan error
}

// start begins to serve on the test's own listener or, if that is nil, on a new one from Listen.
func start(t *testing.T, limits Limits, listener *net.TCPListener) *server {
	t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	if listener == nil {
		var err error
		listener, err = Listen(ctx, "127.0.0.1:0")
		require.NoError(t, err)
	}
	s := &server{t, listener, listener.Addr().String(), stop, make(chan error, 1)}
	go func() { s.ended <- Serve(ctx, listener, limits) }()
	t.Cleanup(stop)
	return s
}

// isClosed reports whether the listener is closed. A dial can't tell: another test may already listen on the port.
func (s *server) isClosed() bool {
	return errors.Is(s.listener.SetDeadline(time.Time{}), net.ErrClosed)
}

// wait waits until Serve has returned, and returns its error.
func (s *server) wait() error {
	s.t.Helper()
	select {
	case err := <-s.ended:
		return err
	case <-time.After(guard):
		require.FailNow(s.t, "Serve should have returned")
		return nil
	}
}

func (s *server) connect(dialer net.Dialer) *net.TCPConn {
	s.t.Helper()
	conn, err := dialer.Dial("tcp", s.address)
	require.NoError(s.t, err)
	s.t.Cleanup(func() { conn.Close() })
	require.NoError(s.t, conn.SetDeadline(time.Now().Add(guard)))
	return conn.(*net.TCPConn)
}

// client returns a client that has connected, and has got an answer.
func (s *server) client() *net.TCPConn {
	s.t.Helper()
	conn := s.connect(net.Dialer{})
	exchange(s.t, conn)
	return conn
}

// twentyQuestions are too many for a small window, but their answers fit into the server's buffer.
var twentyQuestions = strings.Repeat(strings.Repeat("?", 999)+"\n", 20)

func exchange(t *testing.T, conn net.Conn) {
	t.Helper()
	const request = "is anybody there?\n"
	send(t, conn, request)
	line, err := bufio.NewReader(conn).ReadString('\n')
	require.NoError(t, err)
	assert.Equal(t, request, line)
}

func send(t *testing.T, conn net.Conn, text string) {
	t.Helper()
	_, err := io.WriteString(conn, text)
	require.NoError(t, err)
}

// end waits until the server has ended the connection, and says how: nil is a graceful close.
func end(conn net.Conn) error {
	_, err := io.Copy(io.Discard, conn)
	return err
}

// assertLimit compares a time with a limit that Go's own timers keep: they are never early. The upper bound only
// distinguishes the limit from one that is ten times as long.
func assertLimit(t *testing.T, limit, took time.Duration) {
	t.Helper()
	assert.GreaterOrEqual(t, took, limit, "the limit should not end the wait early")
	assert.Less(t, took, 10*limit, "the limit, and not a longer one, should end the wait")
}
