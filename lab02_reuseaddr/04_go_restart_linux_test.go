package lab02_reuseaddr

import (
	"net"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"socketlabs/harness"
	"socketlabs/harness/kernel"
	"socketlabs/harness/peer"
)

// TestGoServerWithoutOptionMustWait: while a connection on its port is in TIME_WAIT, a Go server can't restart if
// SO_REUSEADDR, which Go sets, is cleared on the old or on the new listener.
//
// Claim: R4, R6.
// Verdict: holds.
func TestGoServerWithoutOptionMustWait(t *testing.T) {
	x := harness.Start(t, kernel.SocketTable)
	var cleared net.ListenConfig
	cleared.Control = func(_, _ string, conn syscall.RawConn) (err error) {
		conn.Control(func(fd uintptr) {
			err = unix.SetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_REUSEADDR, 0)
		})
		return err
	}
	for _, old := range []string{"as Go makes it", "made without the option"} {
		listener := peer.ListenNoKeepalive(x)
		if old == "made without the option" {
			l, err := cleared.Listen(t.Context(), "tcp", harness.Loopback())
			require.NoError(t, err)
			x.Own(l)
			listener = l.(*net.TCPListener)
		}
		x.Step("the old listener is %s", old)
		address := leaveTimeWait(t, x, listener)

		x.Step("the new one is made without the option")
		_, err := cleared.Listen(t.Context(), "tcp", address)
		x.Outcome(harness.Server, "Listen: %v", err)
		assert.ErrorIs(t, err, syscall.EADDRINUSE)
	}
}

// TestGoSetsOptionForListenersOnly: on Linux, Go's TCP listeners have SO_REUSEADDR, and accepted connections inherit it.
// Go's dialers and UDP sockets do not have it.
//
// Claim: R6.
// Verdict: holds.
func TestGoSetsOptionForListenersOnly(t *testing.T) {
	x := harness.Start(t)
	listener, err := net.Listen("tcp", harness.Loopback())
	require.NoError(t, err)
	x.Own(listener)
	dialed, err := net.Dial("tcp", listener.Addr().String())
	require.NoError(t, err)
	x.Own(dialed)
	accepted, err := listener.Accept()
	require.NoError(t, err)
	x.Own(accepted)
	packets, err := net.ListenPacket("udp", harness.Loopback())
	require.NoError(t, err)
	x.Own(packets)

	x.Step("SO_REUSEADDR is read from each")
	want := map[string]int{"Listen": 1, "Accept": 1, "Dial": 0, "ListenPacket": 0}
	got := make(map[string]int)
	for name, socket := range map[string]any{"Listen": listener, "Accept": accepted, "Dial": dialed, "ListenPacket": packets} {
		raw, err := socket.(syscall.Conn).SyscallConn()
		require.NoError(t, err)
		require.NoError(t, raw.Control(func(fd uintptr) {
			got[name], err = unix.GetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_REUSEADDR)
		}))
		require.NoError(t, err, name)
	}
	assert.Empty(t, cmp.Diff(want, got), "SO_REUSEADDR (-want +got)")
}
