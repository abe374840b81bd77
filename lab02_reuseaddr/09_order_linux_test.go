package lab02_reuseaddr

import (
	"io"
	"net"
	"net/netip"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"socketlabs/harness"
	"socketlabs/harness/kernel"
	"socketlabs/harness/peer"
)

// TestServerCallsInOrder: the chapter's server, written with system calls (socket, SO_REUSEADDR, bind, listen, accept), gets
// its port back at every restart. Without SO_REUSEADDR, bind fails with EADDRINUSE.
//
// Claim: R5.
// Verdict: holds if the previous server had the option too.
// Claim: R9.
// Verdict: holds.
func TestServerCallsInOrder(t *testing.T) {
	x := harness.Start(t, kernel.SocketTable)
	const backlog = 1
	serve := func(address string) (bound, client string) {
		fd, err := unix.Socket(harness.Domain(), unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
		require.NoError(t, err)
		defer harness.CloseEverywhere(func() error { return unix.Close(fd) })
		require.NoError(t, unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_REUSEADDR, 1))
		require.NoError(t, unix.Bind(fd, x.Sockaddr(address)))
		require.NoError(t, unix.Listen(fd, backlog))
		bound = addressOf(t, fd)

		served := peer.DialNoKeepalive(x, bound)
		conn, _, err := unix.Accept4(fd, unix.SOCK_CLOEXEC)
		require.NoError(t, err)
		require.NoError(t, unix.Close(conn))
		_, err = served.Read(make([]byte, 1))
		require.ErrorIs(t, err, io.EOF)
		require.NoError(t, served.Close())
		return bound, served.LocalAddr().String()
	}

	x.Step("a server serves one client, closes first, and is gone; the next server does the same, on the same port")
	address := harness.Loopback()
	for restarts := 0; restarts < 2; {
		var client string
		address, client = serve(address)
		if kernel.InTimeWait(x, address, client) {
			restarts++
		}
	}

	x.Step("a new server binds the port, without the option")
	plain := open(t, x)
	err := unix.Bind(plain, x.Sockaddr(address))
	x.Outcome(harness.Server, "bind: %v", err)
	assert.ErrorIs(t, err, unix.EADDRINUSE)
}

// TestOptionAfterBindIsTooLate: the kernel accepts SO_REUSEADDR after a bind that failed, but the socket stays unbound.
// Only the next bind sees the option.
//
// Claim: R9.
// Verdict: holds.
func TestOptionAfterBindIsTooLate(t *testing.T) {
	x := harness.Start(t, kernel.SocketTable)
	address := leaveTimeWait(t, x, peer.ListenNoKeepalive(x))

	x.Step("a new server tries to bind the port, and sets the option only afterwards")
	fd := open(t, x)
	err := unix.Bind(fd, x.Sockaddr(address))
	x.Outcome(harness.Server, "bind: %v", err)
	assert.ErrorIs(t, err, unix.EADDRINUSE)
	err = unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_REUSEADDR, 1)
	x.Outcome(harness.Server, "setsockopt: %v", err)
	assert.NoError(t, err)
	assert.Zero(t, netip.MustParseAddrPort(addressOf(t, fd)).Port(), "the socket should still have no port")

	x.Step("the server binds the port again")
	err = unix.Bind(fd, x.Sockaddr(address))
	x.Outcome(harness.Server, "bind: %v", err)
	assert.NoError(t, err)
	assert.Equal(t, address, addressOf(t, fd))
}

// TestTimeWaitHasOptionOfConnection: when a new server binds, the kernel checks whether the old connection had
// SO_REUSEADDR when it ended, not whether the old listener had it at bind. The option can be set or cleared on the
// accepted connection.
//
// Claim: R9.
// Verdict: holds for the new socket; on the old connection, the option can be set at any time before that connection ends.
//
// Predict: the old listener had SO_REUSEADDR at bind; its connection ended without it; the new socket has it; what does bind return?
//   - [ ] it succeeds: the old listener had it at bind
//   - [ ] it succeeds: only the new socket's option counts
//   - [x] EADDRINUSE
func TestTimeWaitHasOptionOfConnection(t *testing.T) {
	x := harness.Start(t, kernel.SocketTable)
	for _, old := range []struct {
		bound, ended int // SO_REUSEADDR of the listener at bind, and of the connection at its end
		want         result
	}{
		{bound: 0, ended: 1, want: ok},
		{bound: 1, ended: 0, want: inUse},
	} {
		x.Step("the old server binds with SO_REUSEADDR = %d; its connection gets %d, and ends", old.bound, old.ended)
		var option error
		config := net.ListenConfig{Control: func(_, _ string, conn syscall.RawConn) error {
			return conn.Control(func(fd uintptr) {
				option = unix.SetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_REUSEADDR, old.bound)
			})
		}}
		listener, err := config.Listen(t.Context(), "tcp", harness.Loopback())
		require.NoError(t, err)
		require.NoError(t, option)
		x.Own(listener)
		require.Equal(t, old.bound, reuseAddrOf(t, listener.(*net.TCPListener)))
		for done := false; !done; {
			client, server := connect(t, x, listener.(*net.TCPListener))
			raw, err := server.SyscallConn()
			require.NoError(t, err)
			require.NoError(t, raw.Control(func(fd uintptr) {
				option = unix.SetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_REUSEADDR, old.ended)
			}))
			require.NoError(t, option)
			require.Equal(t, old.ended, reuseAddrOf(t, server))
			closeInTurn(t, server, client)
			done = inTimeWait(x, server)
		}
		require.NoError(t, listener.Close())
		address := listener.Addr().String()
		kernel.AwaitSockets(x, address, kernel.TimeWait)

		x.Step("a new server binds the port, with SO_REUSEADDR")
		fd := open(t, x)
		require.NoError(t, unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_REUSEADDR, 1))
		err = unix.Bind(fd, x.Sockaddr(address))
		x.Outcome(harness.Server, "bind: %v", err)
		assert.Equal(t, old.want, resultOf(err), "result of bind, after an old connection with SO_REUSEADDR = %d", old.ended)
	}
}

// TestControlIsInTime: ListenConfig.Control runs after Go has set SO_REUSEADDR and before bind, so bind sees what
// Control sets.
//
// Claim: R9.
// Verdict: holds.
func TestControlIsInTime(t *testing.T) {
	x := harness.Start(t, kernel.SocketTable)
	address := leaveTimeWait(t, x, peer.ListenNoKeepalive(x))

	for _, control := range []struct {
		sets int
		want result
	}{
		{sets: 0, want: inUse},
		{sets: 1, want: ok},
	} {
		var found int
		var boundTo string
		config := net.ListenConfig{Control: func(_, _ string, conn syscall.RawConn) (err error) {
			conn.Control(func(fd uintptr) {
				boundTo = addressOf(t, int(fd))
				if found, err = unix.GetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_REUSEADDR); err == nil {
					err = unix.SetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_REUSEADDR, control.sets)
				}
			})
			return err
		}}
		x.Step("a new server listens on the port; Control sets SO_REUSEADDR = %d", control.sets)
		again, err := config.Listen(t.Context(), "tcp", address)
		x.Outcome(harness.Server, "Listen: %v", err)
		if err == nil {
			x.Own(again)
		}
		assert.Equal(t, control.want, resultOf(err), "result of Listen, with SO_REUSEADDR = %d set in Control", control.sets)
		assert.Equal(t, 1, found, "Go should set the option before it calls Control")
		assert.Zero(t, netip.MustParseAddrPort(boundTo).Port(), "the socket should not be bound when Control runs")
	}
}
