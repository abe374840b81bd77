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

// The kernel retransmits what is not acknowledged after 200 ms (TCP_RTO_MIN, for round trips as short as ours),
// then after twice as long each time, but at most 120 s (TCP_RTO_MAX). It gives up when tcp_retries2 such waits
// have passed beyond the first; the default is 15: tcp(7).
const (
	doubling = (1<<10 - 1) * 200 * time.Millisecond // 0.2 + 0.4 + … + 102.4 s
	constant = 6 * 120 * time.Second                // the rest of the 16 waits
	givesUp  = doubling + constant                  // 15 min 24.6 s
)

// TestUnacknowledgedWriteFailsAfterQuarterHour: a small write that the peer never acknowledges succeeds at once;
// by default, the kernel gives up on the connection a quarter of an hour later, with ETIMEDOUT.
//
// Claim: T1.
// Verdict: holds, but not forever if data is unacknowledged: after a quarter of an hour, by default, the kernel
// ends the wait.
// Claim: T8.
// Verdict: holds, but the kernel has a limit of its own on unacknowledged data.
func TestUnacknowledgedWriteFailsAfterQuarterHour(t *testing.T) {
	x := harness.Start(t, link.VanishingPeers, harness.LongTimers)
	client, server := peer.PairNoKeepalive(x)
	healthy, peer := peer.PairNoKeepalive(x)

	x.Step("the server's host vanishes")
	link.Vanish(x, server)
	x.Step("the client sends a byte, and waits for the answer with no deadline")
	begun := time.Now()
	_, err := client.Write([]byte("?"))
	x.Outcome(harness.Client, "Write: %v", err)
	require.NoError(t, err)
	_, err = client.Read(make([]byte, 1))
	took := time.Since(begun)
	x.Outcome(harness.Client, "Read: %v", err)

	assert.ErrorIs(t, err, unix.ETIMEDOUT)
	x.AssertAtLeast(took, givesUp-harness.Tick())

	x.Step("a connection to a living server, idle all the while, still works")
	_, err = peer.Write([]byte("!"))
	require.NoError(t, err)
	_, err = io.ReadFull(healthy, make([]byte, 1))
	x.Outcome(harness.Client, "Read: %v", err)
	assert.NoError(t, err)
}
