package lab02_reuseaddr

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"socketlabs/harness"
)

// TestFinTimeoutLeavesTimeWaitAlone: tcp_fin_timeout does not shorten TIME_WAIT; it bounds how long a
// closed socket waits for its peer to close too, in FIN_WAIT2.
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
		client, server := x.Pair()
		require.NoError(t, server.Close())
		return x.AwaitConnection(server.LocalAddr().String(), client.LocalAddr().String(), harness.FinWait2)[0].Left
	}
	closeBothSides := func() (left time.Duration) {
		for {
			client, server := x.Pair()
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
