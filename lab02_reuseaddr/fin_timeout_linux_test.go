package lab02_reuseaddr

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"socketlabs/harness"
)

// TestFinTimeoutLeavesTimeWaitAlone: tcp_fin_timeout does not shorten TIME_WAIT; it bounds how long an orphan, a
// socket that its program has closed, waits in FIN_WAIT2 for the peer's FIN.
//
// Claim: Beyond the chapter.
//
// Predict: tcp_fin_timeout is lowered to 30 s; how long is the next TIME_WAIT?
//   - [ ] 30 s
//   - [x] 60 s
//   - [ ] 120 s: twice the longest life of a segment
func TestFinTimeoutLeavesTimeWaitAlone(t *testing.T) {
	x := harness.Start(t, harness.SystemSettings, harness.SocketTable)
	const (
		setting    = "ipv4/tcp_fin_timeout"
		byDefault  = 60 * time.Second // tcp(7); the length of TIME_WAIT, which is fixed, is the same
		finTimeout = 30 * time.Second
	)
	// Both are closed by the server first. The time left starts at the moment of the close.
	closeOneSide := func() (left time.Duration) {
		client, server := x.PairNoKeepalive()
		require.NoError(t, server.Close())
		return x.AwaitConnection(server.LocalAddr().String(), client.LocalAddr().String(), harness.FinWait2)[0].Left
	}
	closeBothSides := func() (left time.Duration) {
		for {
			client, server := x.PairNoKeepalive()
			closeInTurn(t, server, client)
			if inTimeWait(x, server) {
				return x.AwaitConnection(server.LocalAddr().String(), client.LocalAddr().String(), harness.TimeWait)[0].Left
			}
		}
	}

	x.Step("with the setting at its default, %s seconds, two servers close; one client does so too", x.SystemSetting(setting))
	require.Equal(t, "60", x.SystemSetting(setting))
	assertBetween(t, finTimeout, closeOneSide(), byDefault)
	assertBetween(t, finTimeout, closeBothSides(), byDefault)

	x.Step("the same with the setting at %v", finTimeout)
	x.SetSystemSetting(setting, "30")
	assertBetween(t, 0, closeOneSide(), finTimeout)
	assertBetween(t, finTimeout, closeBothSides(), byDefault)
}

// assertBetween is about time left on a timer: more than low, and high at most.
func assertBetween(t *testing.T, low, left, high time.Duration) {
	t.Helper()
	assert.Greater(t, left, low)
	assert.LessOrEqual(t, left, high)
}

// TestOrphanInFinWait2LastsSixtySeconds: when only one side closes, its kernel waits a minute in FIN_WAIT2, by
// default, and then forgets the connection; the next segment of the other side is answered with a reset.
//
// Claim: Beyond the chapter.
func TestOrphanInFinWait2LastsSixtySeconds(t *testing.T) {
	x := harness.Start(t, harness.SocketTable, harness.LongTimers)
	client, server := x.PairNoKeepalive()
	serverAddress, clientAddress := server.LocalAddr().String(), client.LocalAddr().String()

	x.Step("the server closes; the client does not")
	require.NoError(t, server.Close())
	begun := time.Now()
	// tcp_fin_timeout: 60 s, unless TestFinTimeoutLeavesTimeWaitAlone has just changed it for all.
	left := x.AwaitConnection(serverAddress, clientAddress, harness.FinWait2)[0].Left

	x.Step("nothing is done until the entry is gone")
	x.AwaitConnection(serverAddress, clientAddress)
	took := time.Since(begun)
	x.AssertAtLeast(took, left-harness.Tick())
	assert.Equal(t, harness.CloseWait, x.TCPInfo(harness.Client, client).State)

	x.Step("the client says a word")
	_, err := client.Write([]byte("?"))
	require.NoError(t, err)
	x.AwaitTCPInfo(harness.Client, client, func(i harness.TCPInfo) bool { return i.State == harness.Closed })
	_, err = client.Write([]byte("?"))
	x.Outcome(harness.Client, "Write: %v", err)
	assert.ErrorIs(t, err, unix.EPIPE)
}
