package lab02_reuseaddr

import (
	"io"
	"net"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"socketlabs/harness"
	"socketlabs/harness/kernel"
	"socketlabs/harness/peer"
)

// TestTimeWaitKeepsPortBusy: when a server closes a connection first, the connection stays in TIME_WAIT on the server's
// port. Without SO_REUSEADDR, bind to that port returns EADDRINUSE. With the option, bind succeeds if the old server had
// the option, too.
//
// Claim: R1, R2, R4.
// Verdict: holds.
// Claim: R5.
// Verdict: holds if the old socket had the option too, as all of Go's listeners do.
func TestTimeWaitKeepsPortBusy(t *testing.T) {
	x := harness.Start(t, kernel.SocketTable)
	old := peer.ListenNoKeepalive(x) // with SO_REUSEADDR, like all of Go's listeners
	address := leaveTimeWait(t, x, old)

	x.Step("a new server binds the port, without the option")
	plain := open(t, x)
	err := unix.Bind(plain, x.Sockaddr(address))
	x.Outcome(harness.Server, "bind: %v", err)
	assert.ErrorIs(t, err, unix.EADDRINUSE)

	x.Step("a new server binds the port, with SO_REUSEADDR")
	reusing := open(t, x)
	require.NoError(t, unix.SetsockoptInt(reusing, unix.SOL_SOCKET, unix.SO_REUSEADDR, 1))
	err = unix.Bind(reusing, x.Sockaddr(address))
	x.Outcome(harness.Server, "bind: %v", err)
	require.NoError(t, err)
	require.NoError(t, unix.Listen(reusing, 1))
	kernel.AwaitSockets(x, address, kernel.TimeWait, kernel.Listening) // the TIME_WAIT entry is still there, beside the listener
	peer.DialNoKeepalive(x, address)
}

// TestPortIsFreeWhenClientClosesFirst: when the client closes first and the server after it, TIME_WAIT is on the
// client's port, and the server's port can be bound without SO_REUSEADDR.
//
// Claim: R2.
// Verdict: holds for the side that closes first; the other side has no TIME_WAIT.
// Claim: R4.
// Verdict: holds if the server closed first; if the client closed first, the server can restart at once.
//
// Predict: the client closes first, then the server; the server starts again without SO_REUSEADDR; what does bind return?
//   - [ ] EADDRINUSE, for a minute
//   - [x] it succeeds
//   - [ ] it succeeds, and listen fails with EADDRINUSE
func TestPortIsFreeWhenClientClosesFirst(t *testing.T) {
	x := harness.Start(t, kernel.SocketTable)
	listener := peer.ListenReserved(x) // nobody else takes the port while no server listens on it
	address := listener.Addr().String()

	x.Step("a client closes the connection first; then the server closes it, and is gone")
	for done := false; !done; {
		client, server := connect(t, x, listener)
		closeInTurn(t, client, server)
		done = inTimeWait(x, client)
	}
	require.NoError(t, listener.Close())
	kernel.AwaitSockets(x, address)

	x.Step("a new server binds the port, without the option")
	plain := open(t, x)
	err := unix.Bind(plain, x.Sockaddr(address))
	x.Outcome(harness.Server, "bind: %v", err)
	assert.NoError(t, err)
	assert.NoError(t, unix.Listen(plain, 1))
}

// TestOldServerNeedsOptionToo: if the old server did not have SO_REUSEADDR, a new server with SO_REUSEADDR can't bind the
// port while a connection on the port is in TIME_WAIT. If the old server had the option, too, bind succeeds.
//
// Claim: R5.
// Verdict: holds if the connection in TIME_WAIT had the option too: the server that runs first must set it. When a
// new server's bind fails, it is too late to set it.
//
// Predict: the old server did not set SO_REUSEADDR, and the new one does; a connection is in TIME_WAIT; what does bind return?
//   - [ ] it succeeds
//   - [ ] it succeeds, and listen fails with EADDRINUSE
//   - [x] EADDRINUSE
func TestOldServerNeedsOptionToo(t *testing.T) {
	x := harness.Start(t, kernel.SocketTable)
	for _, old := range []struct {
		reuses int
		want   result
	}{
		{reuses: 0, want: inUse},
		{reuses: 1, want: ok},
	} {
		x.Step("the old server sets SO_REUSEADDR = %d", old.reuses)
		config := net.ListenConfig{Control: func(_, _ string, conn syscall.RawConn) (err error) {
			conn.Control(func(fd uintptr) {
				err = unix.SetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_REUSEADDR, old.reuses)
			})
			return err
		}}
		listener, err := config.Listen(t.Context(), "tcp", harness.Loopback())
		require.NoError(t, err)
		x.Own(listener)
		address := leaveTimeWait(t, x, listener.(*net.TCPListener))

		x.Step("a new server binds the port, with SO_REUSEADDR")
		fd := open(t, x)
		require.NoError(t, unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_REUSEADDR, 1))
		err = unix.Bind(fd, x.Sockaddr(address))
		x.Outcome(harness.Server, "bind: %v", err)
		assert.Equal(t, old.want, resultOf(err), "result of bind, after an old server with SO_REUSEADDR = %d", old.reuses)
	}
}

// TestLiveConnectionKeepsPortBusy: a connection that stays open after its listener was closed keeps the port busy, as
// TIME_WAIT does. If the old and the new server have SO_REUSEADDR, the new server can listen beside this connection.
//
// Claim: R8.
// Verdict: does not hold: no socket here is in TIME_WAIT, and the option lets bind succeed on the port of an open
// connection.
//
// Predict: the listener is closed, and a connection that it accepted stays open; can a new server bind the port?
//   - [ ] yes: nobody listens there
//   - [ ] no, until the connection ends
//   - [x] yes, but only if the old and the new server have SO_REUSEADDR
func TestLiveConnectionKeepsPortBusy(t *testing.T) {
	x := harness.Start(t, kernel.SocketTable)
	listener := peer.ListenNoKeepalive(x)
	address := listener.Addr().String()
	client, server := connect(t, x, listener)

	x.Step("the server stops listening; a connection that it has accepted goes on")
	require.NoError(t, listener.Close())
	kernel.AwaitSockets(x, address, kernel.Established)

	x.Step("a new server binds the port: first without the option, then with SO_REUSEADDR")
	plain := open(t, x)
	err := unix.Bind(plain, x.Sockaddr(address))
	x.Outcome(harness.Server, "bind: %v", err)
	assert.ErrorIs(t, err, unix.EADDRINUSE)
	reusing := open(t, x)
	require.NoError(t, unix.SetsockoptInt(reusing, unix.SOL_SOCKET, unix.SO_REUSEADDR, 1))
	err = unix.Bind(reusing, x.Sockaddr(address))
	x.Outcome(harness.Server, "bind: %v", err)
	require.NoError(t, err)
	require.NoError(t, unix.Listen(reusing, 1))

	x.Step("the old connection still serves, beside the new listener and its first client")
	peer.DialNoKeepalive(x, address)
	kernel.AwaitSockets(x, address, kernel.Listening, kernel.Established, kernel.Established)
	_, err = server.Write([]byte("still here"))
	assert.NoError(t, err)
	_, err = io.ReadFull(client, make([]byte, len("still here")))
	assert.NoError(t, err)
}

// TestTimeWaitLastsSixtySeconds: on Linux a connection stays in TIME_WAIT for a minute. After that, any socket can
// bind its port.
//
// Claim: R2.
// Verdict: holds.
func TestTimeWaitLastsSixtySeconds(t *testing.T) {
	x := harness.Start(t, kernel.SocketTable, harness.LongTimers)
	begun := time.Now()
	address := leaveTimeWait(t, x, peer.ListenReserved(x))
	plain := open(t, x)
	assert.ErrorIs(t, unix.Bind(plain, x.Sockaddr(address)), unix.EADDRINUSE)

	x.Step("the test waits until the kernel has removed the TIME_WAIT entry")
	kernel.AwaitSockets(x, address)
	took := time.Since(begun)
	x.AssertAtLeast(took, timeWait-harness.Tick())
	err := unix.Bind(plain, x.Sockaddr(address))
	x.Outcome(harness.Server, "bind without the option: %v", err)
	assert.NoError(t, err)
}
