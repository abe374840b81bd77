package kernel_test

import (
	"net"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"socketlabs/harness"
	"socketlabs/harness/kernel"
	"socketlabs/harness/link"
	"socketlabs/harness/peer"
	"socketlabs/harness/skip"
)

// Each case brings one end of a connection into a state that it does not reach in an ordinary life.
// TestSocketTableFollowsConnectionToItsEnd covers the other states.
func TestSocketTableKnowsEveryState(t *testing.T) {
	for name, bring := range map[kernel.SocketState]func(*testing.T, *harness.Experiment) (local, remote string){
		kernel.SynSent:     connectUnanswered,
		kernel.SynReceived: acceptOnlyWithData,
		kernel.FinWait1:    closeTowardsVanished,
		kernel.LastAck:     closeAfterPeerVanished,
		kernel.Closing:     closeAtOnce,
	} {
		t.Run(string(name), func(t *testing.T) {
			x := harness.Start(t, kernel.SocketTable, link.VanishingPeers, peer.UnansweredConnects)
			local, remote := bring(t, x)
			kernel.AwaitConnection(x, local, remote, name)
		})
	}
}

func connectUnanswered(t *testing.T, x *harness.Experiment) (local, remote string) {
	local, remote = peer.ReservedAddress(x), peer.FullBacklog(x)
	from, err := net.ResolveTCPAddr("tcp", local)
	require.NoError(t, err)
	x.Begin(harness.Client, "Dial", func() error {
		dialer := net.Dialer{LocalAddr: from}
		_, err := dialer.DialContext(t.Context(), "tcp", remote)
		return err
	})
	return local, remote
}

// A listener with TCP_DEFER_ACCEPT gives its program no connection before the client has sent data.
func acceptOnlyWithData(t *testing.T, x *harness.Experiment) (local, remote string) {
	listener := peer.ListenNoKeepalive(x)
	raw, err := listener.SyscallConn()
	require.NoError(t, err)
	var failed error
	require.NoError(t, raw.Control(func(fd uintptr) {
		failed = unix.SetsockoptInt(int(fd), unix.IPPROTO_TCP, unix.TCP_DEFER_ACCEPT, 60)
	}))
	require.NoError(t, failed)
	client := peer.DialNoKeepalive(x, listener.Addr().String())
	return listener.Addr().String(), client.LocalAddr().String()
}

func closeTowardsVanished(t *testing.T, x *harness.Experiment) (local, remote string) {
	client, server := peer.PairNoKeepalive(x)
	link.Vanish(x, server)
	require.NoError(t, client.CloseWrite())
	return ends(client)
}

func closeAfterPeerVanished(t *testing.T, x *harness.Experiment) (local, remote string) {
	client, server := peer.PairNoKeepalive(x)
	require.NoError(t, server.CloseWrite())
	local, remote = ends(client)
	kernel.AwaitConnection(x, local, remote, kernel.CloseWait)
	link.Vanish(x, server)
	require.NoError(t, client.CloseWrite())
	return local, remote
}

// Both ends close. The server's FIN reaches the client, but the client's own FIN is never acknowledged.
func closeAtOnce(t *testing.T, x *harness.Experiment) (local, remote string) {
	client, server := peer.PairNoKeepalive(x)
	link.Vanish(x, client)
	link.Vanish(x, server)
	require.NoError(t, client.CloseWrite())
	require.NoError(t, server.CloseWrite())
	link.Return(x, client)
	return ends(client)
}

func ends(conn net.Conn) (local, remote string) {
	return conn.LocalAddr().String(), conn.RemoteAddr().String()
}

func TestSocketTableTellsWindowProbes(t *testing.T) {
	skip.UnlessChecking(t, "waits for a window probe")
	x := harness.Start(t, kernel.SocketTable)
	client := peer.DialNoKeepalive(x, peer.Stalled(x).Address)
	fillBuffers(t, x, client)
	local, remote := ends(client)
	kernel.AwaitTCPInfo(x, harness.Client, client, func(i kernel.TCPInfo) bool { return i.Probes > 0 })
	assert.Equal(t, kernel.WindowProbeTimer, kernel.AwaitConnection(x, local, remote, kernel.Established)[0].Timer)
}

// fillBuffers writes until the kernel takes no more.
func fillBuffers(t *testing.T, x *harness.Experiment, conn *net.TCPConn) {
	t.Helper()
	require.NoError(t, conn.SetWriteBuffer(4<<10))
	x.Begin(harness.Client, "Write", func() error {
		_, err := conn.Write(make([]byte, 64<<20))
		return err
	})
}

func TestFailedConnectionIsClosed(t *testing.T) {
	x := harness.Start(t, harness.Linux)
	client, server := peer.PairNoKeepalive(x)
	require.NoError(t, server.SetLinger(0))
	require.NoError(t, server.Close())
	_, err := client.Read(make([]byte, 1))
	require.ErrorIs(t, err, syscall.ECONNRESET)
	assert.Equal(t, kernel.Closed, kernel.ReadTCPInfo(x, harness.Client, client).State)
}

func TestInTimeWaitIsAboutOneEndAndOneState(t *testing.T) {
	x := harness.Start(t, kernel.SocketTable, link.VanishingPeers)

	client, server := peer.PairNoKeepalive(x)
	first, second := ends(client)
	require.NoError(t, client.Close())
	kernel.AwaitConnection(x, second, first, kernel.CloseWait)
	require.NoError(t, server.Close())
	assert.True(t, kernel.InTimeWait(x, first, second), "the end that closes first should be in TIME_WAIT")

	client, server = peer.PairNoKeepalive(x)
	local, remote := ends(client)
	require.NoError(t, server.SetLinger(0))
	require.NoError(t, server.Close())
	_, err := client.Read(make([]byte, 1))
	require.ErrorIs(t, err, syscall.ECONNRESET)
	assert.False(t, kernel.InTimeWait(x, local, remote), "a reset should leave nothing")

	client, server = peer.PairNoKeepalive(x)
	local, remote = ends(client)
	link.Reboot(x, server, client)
	assert.False(t, kernel.InTimeWait(x, local, remote), "the other end should still be connected, although one end is gone")
}
