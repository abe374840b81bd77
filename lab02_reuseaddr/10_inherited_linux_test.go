package lab02_reuseaddr

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"socketlabs/harness"
	"socketlabs/harness/peer"
)

// listenerOption is an option that a server sets on its listener before listen.
type listenerOption struct {
	name               string
	level, option      int
	listener, accepted int // its value on the listener, and on an accepted connection
}

// An accepted connection inherits nearly all of these options from its listener. For the settings of keepalive, see lab 3.
var listenerOptions = []listenerOption{
	{"SO_REUSEADDR", unix.SOL_SOCKET, unix.SO_REUSEADDR, 1, 1},
	{"SO_REUSEPORT", unix.SOL_SOCKET, unix.SO_REUSEPORT, 1, 1},
	{"SO_KEEPALIVE", unix.SOL_SOCKET, unix.SO_KEEPALIVE, 1, 1},
	{"SO_OOBINLINE", unix.SOL_SOCKET, unix.SO_OOBINLINE, 1, 1},
	{"SO_PRIORITY", unix.SOL_SOCKET, unix.SO_PRIORITY, 5, 0}, // sk_clone_lock() clears it
	{"TCP_NODELAY", unix.IPPROTO_TCP, unix.TCP_NODELAY, 1, 1},
	{"TCP_CORK", unix.IPPROTO_TCP, unix.TCP_CORK, 1, 1},
	{"TCP_NOTSENT_LOWAT", unix.IPPROTO_TCP, unix.TCP_NOTSENT_LOWAT, 4096, 4096},
	{"TCP_SYNCNT", unix.IPPROTO_TCP, unix.TCP_SYNCNT, 3, 3},
	{"TCP_USER_TIMEOUT", unix.IPPROTO_TCP, unix.TCP_USER_TIMEOUT, 30000, 30000}, // ms
	{"TCP_LINGER2", unix.IPPROTO_TCP, unix.TCP_LINGER2, 7, 7},                   // s
	{"TCP_DEFER_ACCEPT", unix.IPPROTO_TCP, unix.TCP_DEFER_ACCEPT, 1, 0},         // of use to a listener only
}

// TestAcceptedConnectionInheritsOptions: an accepted connection inherits eleven of the thirteen options that are set on its
// listener: SO_REUSEADDR, SO_REUSEPORT, SO_KEEPALIVE, SO_OOBINLINE, SO_LINGER, TCP_NODELAY, TCP_CORK, TCP_NOTSENT_LOWAT,
// TCP_SYNCNT, TCP_USER_TIMEOUT and TCP_LINGER2. It does not inherit the other two, SO_PRIORITY and TCP_DEFER_ACCEPT, nor
// the listener's flags O_NONBLOCK and FD_CLOEXEC.
//
// Claim: Beyond the chapter.
//
// Source: TestAcceptedSocketsInherit shows the same for the settings of keepalive, and TestAcceptTimeoutBecomesReadTimeout
// shows it for SO_RCVTIMEO. TestGoTurnsKeepaliveOn shows that Go turns keepalive on for the connections that it accepts.
//
// Predict: which of these does an accepted connection not inherit from its listener on Linux?
//   - [ ] SO_REUSEADDR
//   - [ ] TCP_USER_TIMEOUT
//   - [ ] SO_LINGER
//   - [x] O_NONBLOCK
func TestAcceptedConnectionInheritsOptions(t *testing.T) {
	x := harness.Start(t, harness.Linux)
	listener, err := unix.Socket(harness.Domain(), unix.SOCK_STREAM|unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC, 0)
	require.NoError(t, err)
	x.OwnFD(listener)
	var got []listenerOption
	for _, o := range listenerOptions {
		byDefault, err := unix.GetsockoptInt(listener, o.level, o.option)
		require.NoError(t, err, o.name)
		require.NotEqual(t, o.listener, byDefault, o.name)
		require.NoError(t, unix.SetsockoptInt(listener, o.level, o.option, o.listener), o.name)
		o.listener, err = unix.GetsockoptInt(listener, o.level, o.option)
		require.NoError(t, err, o.name)
		got = append(got, o)
	}
	require.NoError(t, unix.SetsockoptLinger(listener, unix.SOL_SOCKET, unix.SO_LINGER, &unix.Linger{Onoff: 1}))
	require.NoError(t, unix.Bind(listener, x.Sockaddr(harness.Loopback())))
	require.NoError(t, unix.Listen(listener, 1))

	x.Step("a client connects to a listener with all of these options, and sends a request, which TCP_DEFER_ACCEPT waits for")
	_, err = peer.DialNoKeepalive(x, addressOf(t, listener)).Write([]byte("?"))
	require.NoError(t, err)
	awaitConnection(t, listener)
	conn, _, err := unix.Accept4(listener, 0) // without flags
	require.NoError(t, err)
	x.OwnFD(conn)
	for i, o := range got {
		got[i].accepted, err = unix.GetsockoptInt(conn, o.level, o.option)
		require.NoError(t, err, o.name)
		x.Outcome(harness.Server, "%s: listener %d, accepted %d", o.name, o.listener, got[i].accepted)
	}
	assert.Empty(t, cmp.Diff(listenerOptions, got, cmp.AllowUnexported(listenerOption{})),
		"options of the listener and of the accepted connection (-want +got)")
	lingers, err := unix.GetsockoptInt(conn, unix.SOL_SOCKET, unix.SO_LINGER) // l_onoff, the first member of struct linger
	require.NoError(t, err)
	assert.Equal(t, 1, lingers, "SO_LINGER should be on")

	status, err := unix.FcntlInt(uintptr(conn), unix.F_GETFL, 0)
	require.NoError(t, err)
	flags, err := unix.FcntlInt(uintptr(conn), unix.F_GETFD, 0)
	require.NoError(t, err)
	x.Outcome(harness.Server, "O_NONBLOCK: %v, FD_CLOEXEC: %v", status&unix.O_NONBLOCK != 0, flags&unix.FD_CLOEXEC != 0)
	assert.Zero(t, status&unix.O_NONBLOCK)
	assert.Zero(t, flags&unix.FD_CLOEXEC)
}

// awaitConnection waits until a listener has a connection to accept.
func awaitConnection(t *testing.T, listener int) {
	t.Helper()
	err := error(unix.EINTR)
	for err == unix.EINTR {
		_, err = unix.Poll([]unix.PollFd{{Fd: int32(listener), Events: unix.POLLIN}}, int(harness.HangGuard.Milliseconds()))
	}
	require.NoError(t, err)
}

// TestConnectionInheritsBeforeItIsAccepted: a connection inherits its listener's options when its handshake ends, not when
// it is accepted. If the server sets an option on the listener between the two, only later connections inherit it.
//
// Claim: Beyond the chapter.
//
// Predict: a client has connected; the server then sets an option on its listener, and accepts; which connections have the option?
//   - [ ] this connection and the next
//   - [x] the next connection only
//   - [ ] neither: the option came after listen
func TestConnectionInheritsBeforeItIsAccepted(t *testing.T) {
	x := harness.Start(t, harness.Linux)
	const timeout = 30000 // ms
	listener := open(t, x)
	require.NoError(t, unix.Bind(listener, x.Sockaddr(harness.Loopback())))
	require.NoError(t, unix.Listen(listener, 2))

	x.Step("a client connects; the server sets TCP_USER_TIMEOUT on the listener; another client connects")
	peer.DialNoKeepalive(x, addressOf(t, listener))
	awaitConnection(t, listener)
	require.NoError(t, unix.SetsockoptInt(listener, unix.IPPROTO_TCP, unix.TCP_USER_TIMEOUT, timeout))
	peer.DialNoKeepalive(x, addressOf(t, listener))
	for _, want := range []int{0, timeout} {
		conn, _, err := unix.Accept4(listener, unix.SOCK_CLOEXEC)
		require.NoError(t, err)
		x.OwnFD(conn)
		got, err := unix.GetsockoptInt(conn, unix.IPPROTO_TCP, unix.TCP_USER_TIMEOUT)
		require.NoError(t, err)
		x.Outcome(harness.Server, "accepted, with TCP_USER_TIMEOUT = %d ms", got)
		assert.Equal(t, want, got)
	}
}

// TestAcceptTimeoutBecomesReadTimeout: if SO_RCVTIMEO is set on a listener to limit accept, accepted connections
// inherit it, and it limits every read on them, too.
//
// Claim: Beyond the chapter.
//
// Predict: a listener has an SO_RCVTIMEO of 100 ms, for accept; an accepted connection's client sends nothing; how long does a read wait?
//   - [ ] forever
//   - [x] 100 ms
//   - [ ] what is left of the 100 ms of the accept
func TestAcceptTimeoutBecomesReadTimeout(t *testing.T) {
	x := harness.Start(t, harness.Linux)
	const timeout = 100 * time.Millisecond
	listener := open(t, x)
	limit := unix.NsecToTimeval(timeout.Nanoseconds())
	require.NoError(t, unix.SetsockoptTimeval(listener, unix.SOL_SOCKET, unix.SO_RCVTIMEO, &limit))
	require.NoError(t, unix.Bind(listener, x.Sockaddr(harness.Loopback())))
	require.NoError(t, unix.Listen(listener, 2))
	accept := func() (conn int) {
		peer.DialNoKeepalive(x, addressOf(t, listener))
		conn, _, err := unix.Accept4(listener, unix.SOCK_CLOEXEC)
		require.NoError(t, err)
		x.OwnFD(conn)
		return conn
	}
	inheriting, cleared := accept(), accept()
	require.NoError(t, unix.SetsockoptTimeval(cleared, unix.SOL_SOCKET, unix.SO_RCVTIMEO, &unix.Timeval{}))

	x.Step("two clients send nothing; the server has cleared SO_RCVTIMEO of the second connection")
	receive := func(conn int) error {
		err := error(unix.EINTR)
		for err == unix.EINTR { // a signal ends a call that has a timeout: signal(7)
			_, err = unix.Read(conn, make([]byte, 1))
		}
		return err
	}
	waits := x.Begin(harness.Server, "read from the second", func() error { return receive(cleared) })
	begun := time.Now()
	err := receive(inheriting)
	took := time.Since(begun)
	x.Outcome(harness.Server, "read from the first: %v", err)
	assert.ErrorIs(t, err, unix.EAGAIN)
	x.AssertAtLeast(took, timeout-harness.Tick())
	assert.ErrorIs(t, receive(inheriting), unix.EAGAIN) // again: if the second connection had a timeout, it would have passed by now
	waits.AssertStillWaiting()
}
