package lab02_reuseaddr

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"socketlabs/harness"
	"socketlabs/harness/kernel"
	"socketlabs/harness/peer"
)

// TestFinTimeoutLeavesTimeWaitAlone: tcp_fin_timeout does not shorten TIME_WAIT; it limits how long an orphan (a socket
// that its program has closed) waits in FIN_WAIT2 for the peer's FIN.
//
// Claim: Beyond the chapter.
//
// Predict: tcp_fin_timeout is lowered to 30 s; how long is the next TIME_WAIT?
//   - [ ] 30 s
//   - [x] 60 s
//   - [ ] 120 s: 2 MSL, if the maximum segment lifetime (MSL) is 60 s
func TestFinTimeoutLeavesTimeWaitAlone(t *testing.T) {
	x := harness.Start(t, kernel.SystemSettings, kernel.SocketTable)
	const (
		setting    = "ipv4/tcp_fin_timeout"
		byDefault  = 60 * time.Second // tcp(7); TIME_WAIT has the same length, which is fixed
		finTimeout = 30 * time.Second
	)
	// In both functions the server closes first. The kernel's timer starts when the server's socket enters
	// FIN_WAIT2 or TIME_WAIT.
	closeOneSide := func() (left time.Duration) {
		client, server := peer.PairNoKeepalive(x)
		require.NoError(t, server.Close())
		return kernel.AwaitConnection(x, server.LocalAddr().String(), client.LocalAddr().String(), kernel.FinWait2)[0].Left
	}
	closeBothSides := func() (left time.Duration) {
		for {
			client, server := peer.PairNoKeepalive(x)
			closeInTurn(t, server, client)
			if inTimeWait(x, server) {
				return kernel.AwaitConnection(x, server.LocalAddr().String(), client.LocalAddr().String(), kernel.TimeWait)[0].Left
			}
		}
	}

	x.Step("with the setting at its default, %s seconds, two servers close; one of their clients closes, too", kernel.SystemSetting(x, setting))
	require.Equal(t, "60", kernel.SystemSetting(x, setting))
	assertBetween(t, finTimeout, closeOneSide(), byDefault)
	assertBetween(t, finTimeout, closeBothSides(), byDefault)

	x.Step("the same with the setting at %v", finTimeout)
	kernel.SetSystemSetting(x, setting, "30")
	assertBetween(t, 0, closeOneSide(), finTimeout)
	assertBetween(t, finTimeout, closeBothSides(), byDefault)
}

// TestFullTableLeavesNoTimeWait: tcp_max_tw_buckets limits how many connections are in TIME_WAIT. At the limit, the
// next connection that would enter TIME_WAIT is gone at once.
//
// Claim: R2.
// Verdict: holds for as many connections as tcp_max_tw_buckets allows.
//
// Source: tcp_max_tw_buckets in ip-sysctl: "This limit exists only to prevent simple DoS attacks, you _must_ not lower the
// limit artificially". tcp_tw_recycle, which also ended TIME_WAIT early, is gone since Linux 4.12.
func TestFullTableLeavesNoTimeWait(t *testing.T) {
	x := harness.StartAlone(t, kernel.SystemSettings, kernel.SocketTable) // the limit is for all connections of the network namespace
	const setting = "ipv4/tcp_max_tw_buckets"

	x.Step("with the limit at its default, %s, a server closes first", kernel.SystemSetting(x, setting))
	for done := false; !done; {
		client, server := peer.PairNoKeepalive(x)
		closeInTurn(t, server, client)
		done = inTimeWait(x, server)
	}

	x.Step("with the limit at 0, another server closes first")
	kernel.SetSystemSetting(x, setting, "0")
	client, server := peer.PairNoKeepalive(x)
	closeInTurn(t, server, client)
	kernel.AwaitConnection(x, server.LocalAddr().String(), client.LocalAddr().String())
	err := unix.Bind(open(t, x), x.Sockaddr(server.LocalAddr().String()))
	x.Outcome(harness.Server, "bind to the port again, without SO_REUSEADDR: %v", err)
	assert.NoError(t, err)
}

// assertBetween checks the time left on a timer: more than low, and at most high.
func assertBetween(t *testing.T, low, left, high time.Duration) {
	t.Helper()
	assert.Greater(t, left, low)
	assert.LessOrEqual(t, left, high)
}

// TestOrphanInFinWait2LastsSixtySeconds: when only one side closes, its kernel waits a minute in FIN_WAIT2, by default,
// and then forgets the connection. After that, it answers the next segment of the other side with a reset.
//
// Claim: Beyond the chapter.
func TestOrphanInFinWait2LastsSixtySeconds(t *testing.T) {
	x := harness.Start(t, kernel.SocketTable, harness.LongTimers)
	client, server := peer.PairNoKeepalive(x)
	serverAddress, clientAddress := server.LocalAddr().String(), client.LocalAddr().String()

	x.Step("the server closes; the client does not")
	require.NoError(t, server.CloseWrite()) // TestUnclosedConnectionsStayInCloseWait says why Close comes only in FIN_WAIT2
	kernel.AwaitTCPInfo(x, harness.Server, server, func(i kernel.TCPInfo) bool { return i.State == kernel.FinWait2 })
	require.NoError(t, server.Close())
	begun := time.Now()
	// tcp_fin_timeout: 60 s, unless TestFinTimeoutLeavesTimeWaitAlone has just changed it for all connections.
	left := kernel.AwaitConnection(x, serverAddress, clientAddress, kernel.FinWait2)[0].Left

	x.Step("the test waits until the kernel has removed the server's socket")
	kernel.AwaitConnection(x, serverAddress, clientAddress)
	took := time.Since(begun)
	x.AssertAtLeast(took, left-harness.Tick())
	assert.Equal(t, kernel.CloseWait, kernel.ReadTCPInfo(x, harness.Client, client).State)

	x.Step("the client sends a byte")
	_, err := client.Write([]byte("?"))
	require.NoError(t, err)
	kernel.AwaitTCPInfo(x, harness.Client, client, func(i kernel.TCPInfo) bool { return i.State == kernel.Closed })
	_, err = client.Write([]byte("?"))
	x.Outcome(harness.Client, "Write: %v", err)
	assert.ErrorIs(t, err, unix.EPIPE)
}
