package lab01_timeout

import (
	"io"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"socketlabs/harness"
	"socketlabs/harness/link"
	"socketlabs/harness/peer"
)

// The kernel sends what is not acknowledged again after 200 ms (TCP_RTO_MIN, for round trips as
// short as ours), twice as long after each further time, but at most 120 s (TCP_RTO_MAX). It gives
// up when tcp_retries2 such waits have passed beyond the first; the default is 15: tcp(7).
const (
	doubling  = (1<<10 - 1) * 200 * time.Millisecond // 0.2 + 0.4 + … + 102.4 s
	constant  = 6 * 120 * time.Second                // the rest of the 16 waits
	neverMind = doubling + constant                  // 15 min 24.6 s
)

// TestUnacknowledgedWriteFailsAfterQuarterHour: a write that the peer never acknowledges succeeds at
// once; the connection it was made on fails a quarter of an hour later.
//
// Claim: T1.
// Verdict: holds if a quarter of an hour counts as for ever: then the kernel ends it, with ETIMEDOUT.
// Claim: T8.
// Verdict: holds, but the kernel has a limit of its own: it ends the connection after a quarter of an
// hour.
func TestUnacknowledgedWriteFailsAfterQuarterHour(t *testing.T) {
	x := harness.Start(t, link.VanishingPeers, harness.LongTimers)
	client, server := peer.PairNoKeepalive(x)
	healthy, peer := peer.PairNoKeepalive(x)

	x.Step("the server's host vanishes")
	link.Vanish(x, server)
	begun := x.Step("the client sends a byte, and waits for the answer with no deadline")
	_, err := client.Write([]byte("?"))
	x.Outcome(harness.Client, "Write: %v", err)
	require.NoError(t, err)
	_, err = client.Read(make([]byte, 1))
	x.Outcome(harness.Client, "Read: %v", err)

	assert.ErrorIs(t, err, unix.ETIMEDOUT)
	x.AssertNeverEarlier(begun, neverMind-harness.Tick())

	x.Step("a connection that was idle all the while, to a living server, is as good as before")
	_, err = peer.Write([]byte("!"))
	require.NoError(t, err)
	_, err = io.ReadFull(healthy, make([]byte, 1))
	x.Outcome(harness.Client, "Read: %v", err)
	assert.NoError(t, err)
}
