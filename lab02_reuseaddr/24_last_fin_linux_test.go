package lab02_reuseaddr

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

// TestTimeWaitAnswersFINAgain: when the server closes first and its last acknowledgment is lost, the client retransmits its
// FIN. The server's kernel, whose end is in TIME_WAIT, acknowledges the FIN again, and the client's connection closes
// gracefully.
//
// Claim: R3.
// Verdict: holds if a retransmitted FIN counts as a stray segment.
func TestTimeWaitAnswersFINAgain(t *testing.T) {
	x := harness.Start(t, link.VanishingPeers, kernel.SocketTable, kernel.SystemSettings)
	// TIME_WAIT's answer echoes the timestamp of the first FIN. So the client measures a long round trip, and its
	// kernel would remember this time for later connections: ip-tcp_metrics(8).
	kernel.SetSystemSetting(x, "ipv4/tcp_no_metrics_save", "1")
	client, server := peer.PairNoKeepalive(x)

	x.Step("the server closes first; then the client closes, and does not receive the acknowledgment of its FIN")
	require.NoError(t, server.CloseWrite())
	readEOF(t, client)
	link.Vanish(x, client)
	require.NoError(t, client.CloseWrite())
	kernel.AwaitTCPInfo(x, harness.Client, client, inLastAckAgain)
	kernel.AwaitConnection(x, server.LocalAddr().String(), client.LocalAddr().String(), kernel.TimeWait)

	x.Step("the client receives again, and retransmits its FIN")
	link.Return(x, client)
	kernel.AwaitTCPInfo(x, harness.Client, client, isClosed)
	assert.Equal(t, unix.Errno(0), socketError(t, x, client))
}

// TestWithoutTimeWaitFINIsReset: if the server's end is not in TIME_WAIT but gone, a client that retransmits its FIN
// gets a reset, as if the connection had failed.
//
// Claim: R3.
// Verdict: holds if a retransmitted FIN counts as a stray segment.
func TestWithoutTimeWaitFINIsReset(t *testing.T) {
	x := harness.Start(t, link.VanishingPeers, kernel.SocketTable)
	client, server := peer.PairNoKeepalive(x)

	x.Step("the server closes first, and forgets the connection; then the client closes, and receives nothing")
	require.NoError(t, server.CloseWrite())
	readEOF(t, client)
	link.Vanish(x, client)
	require.NoError(t, server.SetLinger(0))
	require.NoError(t, harness.CloseEverywhere(server.Close))
	require.NoError(t, client.CloseWrite())
	kernel.AwaitTCPInfo(x, harness.Client, client, inLastAckAgain)
	kernel.AwaitConnection(x, server.LocalAddr().String(), client.LocalAddr().String())

	x.Step("the client receives again, and retransmits its FIN")
	link.Return(x, client)
	kernel.AwaitTCPInfo(x, harness.Client, client, isClosed)
	assert.Equal(t, unix.ECONNRESET, socketError(t, x, client))
}

// inLastAckAgain reports whether a socket is in LAST_ACK and has retransmitted its FIN: the clients here send no data that
// could be retransmitted.
func inLastAckAgain(i kernel.TCPInfo) bool { return i.State == kernel.LastAck && i.Retransmits > 0 }

// socketError reads and clears a connection's pending error: SO_ERROR in socket(7).
func socketError(t *testing.T, x *harness.Experiment, conn *net.TCPConn) (noted unix.Errno) {
	t.Helper()
	raw, err := conn.SyscallConn()
	require.NoError(t, err)
	require.NoError(t, raw.Control(func(fd uintptr) {
		number, err := unix.GetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_ERROR)
		require.NoError(t, err)
		noted = unix.Errno(number)
	}))
	x.Outcome(harness.Client, "SO_ERROR: %d", noted)
	return noted
}
