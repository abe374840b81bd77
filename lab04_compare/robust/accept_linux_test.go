package robust

import (
	"bytes"
	"log/slog"
	"net"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"
)

func TestServeSaysThatListenerWasShutDown(t *testing.T) {
	t.Parallel()
	serveEnds(t, func(t *testing.T, l *net.TCPListener) {
		raw, err := l.SyscallConn()
		require.NoError(t, err)
		require.NoError(t, raw.Control(func(fd uintptr) { assert.NoError(t, unix.Shutdown(int(fd), unix.SHUT_RD)) }))
	}, "robust: the listener was shut down: accept tcp")
}

// Not in parallel: the process as a whole is out of descriptors.
func TestServeOutlivesLackOfDescriptors(t *testing.T) {
	log := logged(t)
	listener, err := Listen(t.Context(), "127.0.0.1:0")
	require.NoError(t, err)
	waiting := server{t: t, address: listener.Addr().String()}
	client := waiting.connect(net.Dialer{})
	giveBack := exhaustDescriptors(t)
	s := start(t, short, listener)
	require.Eventually(t, func() bool { return bytes.Count(log(), []byte("too many open files")) >= 2 }, guard, time.Millisecond)
	giveBack()
	exchange(t, client)
	assert.Contains(t, string(log()), "after=5ms")
	assert.Contains(t, string(log()), "after=10ms")
	require.NoError(t, client.Close())
	s.stop()
	assert.NoError(t, s.wait())
}

// exhaustDescriptors lets this process open no more of them.
func exhaustDescriptors(t *testing.T) (giveBack func()) {
	t.Helper()
	var limit syscall.Rlimit
	require.NoError(t, syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit))
	giveBack = func() { require.NoError(t, syscall.Setrlimit(syscall.RLIMIT_NOFILE, &limit)) }
	t.Cleanup(giveBack)
	require.NoError(t, syscall.Setrlimit(syscall.RLIMIT_NOFILE, &syscall.Rlimit{Max: limit.Max}))
	return giveBack
}

// logged collects what the server logs.
func logged(t *testing.T) (text func() []byte) {
	var mu sync.Mutex
	var lines bytes.Buffer
	write := func(line []byte) (int, error) {
		mu.Lock()
		defer mu.Unlock()
		return lines.Write(line)
	}
	setLog(t, slog.New(slog.NewTextHandler(writer(write), nil)))
	return func() []byte {
		mu.Lock()
		defer mu.Unlock()
		return bytes.Clone(lines.Bytes())
	}
}

type writer func([]byte) (int, error)

func (w writer) Write(line []byte) (int, error) { return w(line) }
