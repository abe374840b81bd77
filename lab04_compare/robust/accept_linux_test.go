package robust

import (
	"net"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"
)

// mayPass has the errors of accept that say nothing about the listener. accept(2) names them, except ECONNRESET, which
// net.OpError treats as temporary.
var mayPass = []error{
	unix.ECONNABORTED, unix.ECONNRESET, unix.EMFILE, unix.ENFILE, unix.ENOBUFS, unix.ENOMEM, unix.EPROTO,
	unix.ENETDOWN, unix.EHOSTDOWN, unix.EHOSTUNREACH, unix.ENETUNREACH,
}

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
	listener, err := Listen(t.Context(), "127.0.0.1:0")
	require.NoError(t, err)
	waiting := server{t: t, address: listener.Addr().String()}
	client := waiting.connect(net.Dialer{})
	giveBack := exhaustDescriptors(t)
	for range 1000 { // the control: a loop without pauses would keep a core busy with errors
		_, err := listener.AcceptTCP()
		require.ErrorIs(t, err, unix.EMFILE)
	}
	s := start(t, short, listener)
	const failure = "robust: accept fails, and is tried again"
	tooMany := "error=\"accept tcp " + s.address + ": accept4: too many open files\""
	log.await(t, "level=WARN", failure, tooMany, "after=5ms")
	log.await(t, "level=WARN", failure, tooMany, "after=10ms")
	giveBack()
	exchange(t, client)
	require.NoError(t, client.Close())
	s.stop()
	assert.NoError(t, s.wait())
}

// exhaustDescriptors keeps this process from opening more descriptors, until giveBack is called.
func exhaustDescriptors(t *testing.T) (giveBack func()) {
	t.Helper()
	var limit syscall.Rlimit
	require.NoError(t, syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit))
	giveBack = func() { require.NoError(t, syscall.Setrlimit(syscall.RLIMIT_NOFILE, &limit)) }
	t.Cleanup(giveBack)
	require.NoError(t, syscall.Setrlimit(syscall.RLIMIT_NOFILE, &syscall.Rlimit{Max: limit.Max}))
	return giveBack
}
