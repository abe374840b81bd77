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
)

// TestGoServerWithoutOptionMustWait: Go sets SO_REUSEADDR on its listeners. If a program clears the option on the old or on
// the new listener, a server can't restart while a connection on its port is in TIME_WAIT. If both listeners keep the
// option, the server can restart.
//
// Claim: R4, R6.
// Verdict: holds.
func TestGoServerWithoutOptionMustWait(t *testing.T) {
	x := harness.Start(t, kernel.SocketTable)
	asGoMakesIt, cleared := net.ListenConfig{}, net.ListenConfig{}
	cleared.Control = func(_, _ string, conn syscall.RawConn) (err error) {
		conn.Control(func(fd uintptr) {
			err = unix.SetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_REUSEADDR, 0)
		})
		return err
	}
	for _, servers := range []struct {
		name     string
		old, new net.ListenConfig
		want     result
	}{
		{"both listeners are as Go makes them", asGoMakesIt, asGoMakesIt, ok},
		{"the old listener is without the option", cleared, asGoMakesIt, inUse},
		{"the new listener is without the option", asGoMakesIt, cleared, inUse},
		{"both listeners are without the option", cleared, cleared, inUse},
	} {
		x.Step("%s", servers.name)
		servers.old.SetMultipathTCP(false) // see package harness
		old, err := servers.old.Listen(t.Context(), "tcp", harness.Loopback())
		require.NoError(t, err)
		x.Own(old)
		address := leaveTimeWait(t, x, old.(*net.TCPListener))
		again, err := servers.new.Listen(t.Context(), "tcp", address)
		x.Outcome(harness.Server, "Listen: %v", err)
		if err == nil {
			x.Own(again)
		}
		assert.Equal(t, servers.want, resultOf(err), servers.name)
	}
}

// TestGoSetsOptionForListenersOnly: on Linux, Go's TCP listeners have SO_REUSEADDR, and accepted connections inherit it.
// Go's dialers and the UDP sockets of net.ListenPacket do not have it.
//
// Claim: R6.
// Verdict: holds.
//
// Source: TestMulticastReachesAllWhoShareThePort shows that the UDP sockets of net.ListenMulticastUDP have it.
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

	x.Step("SO_REUSEADDR is read from each socket")
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
