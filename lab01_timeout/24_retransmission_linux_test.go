package lab01_timeout

import (
	"io"
	"net"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"socketlabs/harness"
	"socketlabs/harness/kernel"
	"socketlabs/harness/link"
	"socketlabs/harness/peer"
)

// The kernel retransmits unacknowledged data. The first retransmission timeout (RTO) is 200 ms (TCP_RTO_MIN, for round trips as
// short as ours). Each later one is twice as long as the one before, but at most 120 s (TCP_RTO_MAX). The kernel gives up after
// the first RTO and tcp_retries2 more; the default is 15: tcp(7).
const (
	doubling = (1<<10 - 1) * 200 * time.Millisecond // 0.2 + 0.4 + … + 102.4 s
	constant = 6 * 120 * time.Second                // the rest of the 16 RTOs
	givesUp  = doubling + constant                  // 15 min 24.6 s
)

// TestUnacknowledgedWriteFailsAfterQuarterHour: a small write that the peer never acknowledges succeeds at once; by
// default, the kernel ends the connection a quarter of an hour later, with ETIMEDOUT.
//
// Claim: T1.
// Verdict: holds, but the wait is not endless if data is unacknowledged: after a quarter of an hour, by default, the kernel ends
// the connection.
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

	x.Step("a connection to a live server, idle all the while, still works")
	_, err = peer.Write([]byte("!"))
	require.NoError(t, err)
	_, err = io.ReadFull(healthy, make([]byte, 1))
	x.Outcome(harness.Client, "Read: %v", err)
	assert.NoError(t, err)
}

// TestRTOMaxBoundsRetransmission: TCP_RTO_MAX_MS (Linux 6.15) limits the retransmission timeout (RTO). Without the option, the
// RTO grows beyond that limit.
//
// Claim: Beyond the chapter.
//
// Source: RFC 6298, and TCP_RTO_MAX in the kernel's include/net/tcp.h: without the option, each RTO is twice as long as the
// one before, up to two minutes.
func TestRTOMaxBoundsRetransmission(t *testing.T) {
	x := harness.Start(t, link.VanishingPeers, kernel.LongestRetransmission)
	const retransmissions = 3 // after them, the RTO would be 0.2 s × 2³
	plain, plainServer := peer.PairNoKeepalive(x)
	limited, limitedServer := peer.PairNoKeepalive(x)
	limitRTO(t, limited)

	x.Step("two servers' hosts vanish, and each client sends a byte; one has TCP_RTO_MAX_MS = %v", shortestRTOMax)
	for client, server := range map[*net.TCPConn]*net.TCPConn{plain: plainServer, limited: limitedServer} {
		link.Vanish(x, server)
		_, err := client.Write([]byte("?"))
		require.NoError(t, err)
	}
	rto := func(name string, client *net.TCPConn) time.Duration {
		info := kernel.AwaitTCPInfo(x, harness.Client, client, func(i kernel.TCPInfo) bool { return i.Retransmits >= retransmissions })
		x.Outcome(harness.Client, "%s: retransmitted %d times, and the RTO is %v", name, info.Retransmits, info.Timeout)
		return info.Timeout
	}
	assert.Equal(t, shortestRTOMax, rto("with TCP_RTO_MAX_MS", limited))
	assert.Greater(t, rto("without", plain), shortestRTOMax)
}

// TestRTOMaxEndsUnacknowledgedWriteInSeconds: with TCP_RTO_MAX_MS = 1 s (Linux 6.15), the kernel gives up on
// unacknowledged data after 14.4 s, with ETIMEDOUT. Without the option, it goes on trying.
//
// Claim: T1.
// Verdict: holds, but the wait is not endless if data is unacknowledged: with TCP_RTO_MAX_MS = 1 s, the kernel ends the
// connection after 14.4 s.
//
// Source: TestUnacknowledgedWriteFailsAfterQuarterHour shows how long the kernel tries without the option.
func TestRTOMaxEndsUnacknowledgedWriteInSeconds(t *testing.T) {
	x := harness.Start(t, link.VanishingPeers, kernel.LongestRetransmission, harness.LongTimers)
	// As many RTOs as without the option: 0.2 + 0.4 + 0.8 s, and 13 more, each as long as the limit.
	const givesUp = 1400*time.Millisecond + 13*shortestRTOMax
	client, server := peer.PairNoKeepalive(x)
	plain, plainServer := peer.PairNoKeepalive(x)
	limitRTO(t, client)

	x.Step("two servers' hosts vanish, and each client sends a byte; one has TCP_RTO_MAX_MS = %v", shortestRTOMax)
	link.Vanish(x, server)
	link.Vanish(x, plainServer)
	_, err := plain.Write([]byte("?"))
	require.NoError(t, err)
	control := x.Begin(harness.Client, "Read without TCP_RTO_MAX_MS", func() error {
		_, err := plain.Read(make([]byte, 1))
		return err
	})
	begun := time.Now()
	_, err = client.Write([]byte("?"))
	require.NoError(t, err)
	_, err = client.Read(make([]byte, 1))
	took := time.Since(begun)
	x.Outcome(harness.Client, "Read with TCP_RTO_MAX_MS: %v", err)

	assert.ErrorIs(t, err, unix.ETIMEDOUT)
	x.AssertAtLeast(took, givesUp-harness.Tick())
	control.AssertStillWaiting()
}

// shortestRTOMax is the smallest value that TCP_RTO_MAX_MS accepts.
const shortestRTOMax = 1 * time.Second

func limitRTO(t *testing.T, conn *net.TCPConn) {
	raw, err := conn.SyscallConn()
	require.NoError(t, err)
	require.NoError(t, raw.Control(func(fd uintptr) {
		require.NoError(t, unix.SetsockoptInt(int(fd), unix.IPPROTO_TCP, unix.TCP_RTO_MAX_MS, int(shortestRTOMax.Milliseconds())))
	}))
}
