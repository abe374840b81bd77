package lab03_keepalive

import (
	"net"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"socketlabs/harness"
	"socketlabs/harness/kernel"
	"socketlabs/harness/link"
	"socketlabs/harness/peer"
)

// TestLookBeforeUseFindsWhatHasCome: a nonblocking recv (MSG_PEEK and MSG_DONTWAIT) finds what has come on an idle
// connection: a late answer, a FIN or a reset. It also finds that keepalive has timed out. Before keepalive has timed out, a
// server whose host has vanished looks like a healthy one: recv returns EAGAIN, because nothing has come from either.
//
// Claim: Beyond the chapter.
//
// Source: TestPooledGETWaitsForVanishedHost shows what happens to the next request to a vanished host. A host that has
// rebooted sends nothing, either, until it receives something: see TestReadWaitsForRebootedPeer. TestIdleRaceFailsPOST shows
// a FIN that comes after the check.
//
// Predict: the host of an idle connection's server has just vanished; what does a nonblocking recv return?
//   - [ ] ETIMEDOUT
//   - [ ] ECONNRESET
//   - [ ] 0 bytes: the end of the stream
//   - [x] EAGAIN, as if the server were healthy
func TestLookBeforeUseFindsWhatHasCome(t *testing.T) {
	t.Parallel()
	for _, of := range []struct {
		name    string
		happens func(x *harness.Experiment, client, server *net.TCPConn)
		state   kernel.SocketState // the state that the client's end reaches
		bytes   int
		err     error
	}{
		{"the server is healthy", func(*harness.Experiment, *net.TCPConn, *net.TCPConn) {}, kernel.Established, -1, unix.EAGAIN},
		{"the server's host has vanished", vanishes, kernel.Established, -1, unix.EAGAIN},
		{"a late answer has come", answersLate, kernel.Established, 1, nil},
		{"the server has closed", closes, kernel.CloseWait, 0, nil},
		{"the server has sent a reset", resets, kernel.Closed, -1, unix.ECONNRESET},
		{"keepalive has timed out", vanishesUnderKeepalive, kernel.Closed, -1, unix.ETIMEDOUT},
	} {
		t.Run(of.name, func(t *testing.T) {
			x := harness.Start(t, link.VanishingPeers)
			client, server := peer.PairNoKeepalive(x)
			x.Step("a client's connection is idle: %s", of.name)
			of.happens(x, client, server)
			kernel.AwaitTCPInfo(x, harness.Client, client, func(i kernel.TCPInfo) bool { return i.State == of.state })

			raw, err := client.SyscallConn()
			require.NoError(t, err)
			require.NoError(t, raw.Control(func(fd uintptr) {
				bytes, _, err := unix.Recvfrom(int(fd), make([]byte, 1), unix.MSG_PEEK|unix.MSG_DONTWAIT)
				x.Outcome(harness.Client, "recv with MSG_PEEK and MSG_DONTWAIT: %d, %v", bytes, err)
				assert.Equal(t, of.bytes, bytes, "the result of recv")
				assert.Equal(t, of.err, err, "the error of recv")
			}))
		})
	}
}

func vanishes(x *harness.Experiment, _, server *net.TCPConn) { link.Vanish(x, server) }

func vanishesUnderKeepalive(x *harness.Experiment, client, server *net.TCPConn) {
	require.NoError(x.T(), client.SetKeepAliveConfig(quickest))
	link.Vanish(x, server)
}

func answersLate(x *harness.Experiment, _, server *net.TCPConn) {
	require.NoError(x.T(), writeByte(server))
	kernel.AwaitTCPInfo(x, harness.Server, server, func(i kernel.TCPInfo) bool { return i.Unacked == 0 })
}

func closes(x *harness.Experiment, _, server *net.TCPConn) { require.NoError(x.T(), server.Close()) }

func resets(x *harness.Experiment, _, server *net.TCPConn) {
	require.NoError(x.T(), server.SetLinger(0))
	require.NoError(x.T(), server.Close())
}
