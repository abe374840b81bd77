package harness_test

import (
	"net"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"socketlabs/harness"
)

// Each end of a connection is brought into a state of its own; the states that come and go unasked are covered by
// TestSocketTableFollowsConnectionToItsEnd.
func TestSocketTableKnowsEveryState(t *testing.T) {
	for name, bring := range map[harness.SocketState]func(*testing.T, *harness.Experiment) (local, remote string){
		harness.SynSent:     connectUnanswered,
		harness.SynReceived: acceptOnlyWithData,
		harness.FinWait1:    closeTowardsVanished,
		harness.LastAck:     closeAfterPeerVanished,
		harness.Closing:     closeAtOnce,
	} {
		t.Run(string(name), func(t *testing.T) {
			x := harness.Start(t, harness.SocketTable, harness.VanishingPeers, harness.UnansweredConnects)
			local, remote := bring(t, x)
			x.AwaitConnection(local, remote, name)
		})
	}
}

func connectUnanswered(t *testing.T, x *harness.Experiment) (local, remote string) {
	local, remote = x.ReservedAddress(), x.FullBacklog()
	from, err := net.ResolveTCPAddr("tcp", local)
	require.NoError(t, err)
	x.Begin(harness.Client, "Dial", func() error {
		dialer := net.Dialer{LocalAddr: from}
		_, err := dialer.DialContext(t.Context(), "tcp", remote)
		return err
	})
	return local, remote
}

// A listener with TCP_DEFER_ACCEPT has no connection for its program before the client has said something.
func acceptOnlyWithData(t *testing.T, x *harness.Experiment) (local, remote string) {
	listener := x.ListenNoKeepalive()
	raw, err := listener.SyscallConn()
	require.NoError(t, err)
	var failed error
	require.NoError(t, raw.Control(func(fd uintptr) {
		failed = unix.SetsockoptInt(int(fd), unix.IPPROTO_TCP, unix.TCP_DEFER_ACCEPT, 60)
	}))
	require.NoError(t, failed)
	client := x.DialNoKeepalive(listener.Addr().String())
	return listener.Addr().String(), client.LocalAddr().String()
}

func closeTowardsVanished(t *testing.T, x *harness.Experiment) (local, remote string) {
	client, server := x.PairNoKeepalive()
	x.Vanish(server)
	require.NoError(t, client.CloseWrite())
	return ends(client)
}

func closeAfterPeerVanished(t *testing.T, x *harness.Experiment) (local, remote string) {
	client, server := x.PairNoKeepalive()
	require.NoError(t, server.CloseWrite())
	local, remote = ends(client)
	x.AwaitConnection(local, remote, harness.CloseWait)
	x.Vanish(server)
	require.NoError(t, client.CloseWrite())
	return local, remote
}

// Both close, and the FIN of one reaches the other, whose own is never acknowledged.
func closeAtOnce(t *testing.T, x *harness.Experiment) (local, remote string) {
	client, server := x.PairNoKeepalive()
	x.Vanish(client)
	x.Vanish(server)
	require.NoError(t, client.CloseWrite())
	require.NoError(t, server.CloseWrite())
	x.Return(client)
	return ends(client)
}

func ends(conn net.Conn) (local, remote string) {
	return conn.LocalAddr().String(), conn.RemoteAddr().String()
}

func TestSocketTableTellsWindowProbes(t *testing.T) {
	x := harness.Start(t, harness.SocketTable)
	client := x.DialNoKeepalive(x.StalledReader().Address)
	fillBuffers(t, x, client)
	local, remote := ends(client)
	x.AwaitTCPInfo(harness.Client, client, func(i harness.TCPInfo) bool { return i.Probes > 0 })
	assert.Equal(t, harness.WindowProbeTimer, x.AwaitConnection(local, remote, harness.Established)[0].Timer)
}

// fillBuffers writes until nothing more is taken.
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
	client, server := x.PairNoKeepalive()
	require.NoError(t, server.SetLinger(0))
	require.NoError(t, server.Close())
	_, err := client.Read(make([]byte, 1))
	require.ErrorIs(t, err, syscall.ECONNRESET)
	assert.Equal(t, harness.Closed, x.TCPInfo(harness.Client, client).State)
}

func TestInTimeWaitIsAboutOneEndAndOneState(t *testing.T) {
	x := harness.Start(t, harness.SocketTable, harness.VanishingPeers)

	client, server := x.PairNoKeepalive()
	first, second := ends(client)
	require.NoError(t, client.Close())
	x.AwaitConnection(second, first, harness.CloseWait)
	require.NoError(t, server.Close())
	assert.True(t, x.InTimeWait(first, second), "who closes first has TIME_WAIT")

	client, server = x.PairNoKeepalive()
	local, remote := ends(client)
	require.NoError(t, server.SetLinger(0))
	require.NoError(t, server.Close())
	_, err := client.Read(make([]byte, 1))
	require.ErrorIs(t, err, syscall.ECONNRESET)
	assert.False(t, x.InTimeWait(local, remote), "a reset leaves nothing")

	client, server = x.PairNoKeepalive()
	local, remote = ends(client)
	x.Reboot(server, client)
	assert.False(t, x.InTimeWait(local, remote), "one end is gone, and the other is connected still")
}
