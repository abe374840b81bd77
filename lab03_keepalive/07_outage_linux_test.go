package lab03_keepalive

import (
	"io"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"socketlabs/harness"
	"socketlabs/harness/kernel"
	"socketlabs/harness/link"
	"socketlabs/harness/peer"
	"socketlabs/harness/story"
	"socketlabs/harness/wire"
)

// TestOutageShorterThanProbesIsSurvived: an idle connection survives an outage that ends before the last keepalive
// probe. One answered probe is enough: the count of unanswered probes starts again from zero.
//
// Claim: K4.
// Verdict: holds.
func TestOutageShorterThanProbesIsSurvived(t *testing.T) {
	x := harness.Start(t, link.VanishingPeers)
	const missed = 2
	impatient := patient
	impatient.Count = missed - 1
	client, server := peer.PairNoKeepalive(x)
	control, controlServer := peer.PairNoKeepalive(x)
	require.NoError(t, client.SetKeepAliveConfig(patient))
	require.NoError(t, control.SetKeepAliveConfig(impatient))
	require.Equal(t, patient, kernel.Keepalive(x, client))

	x.Step("the hosts of two servers vanish, and %d probes of one client go unanswered", missed)
	link.Vanish(x, server)
	link.Vanish(x, controlServer)
	kernel.AwaitTCPInfo(x, harness.Client, client, func(i kernel.TCPInfo) bool { return i.Probes >= missed })
	_, err := control.Read(make([]byte, 1))
	x.Outcome(harness.Client, "Read of the client with TCP_KEEPCNT = %d: %v", impatient.Count, cause(err))
	assert.ErrorIs(t, err, unix.ETIMEDOUT)

	x.Step("the server of the client with TCP_KEEPCNT = %d returns, and the next probe is answered", patient.Count)
	link.Return(x, server)
	info := kernel.AwaitTCPInfo(x, harness.Client, client, func(i kernel.TCPInfo) bool { return i.Probes == 0 })
	assert.Equal(t, kernel.Established, info.State)
	_, err = server.Write([]byte("!"))
	require.NoError(t, err)
	_, err = io.ReadFull(client, make([]byte, 1))
	require.NoError(t, err)
	x.Outcome(harness.Client, "Read of the client with TCP_KEEPCNT = %d: the data", patient.Count)
}

// TestWhatWasSentDuringOutageArrivesWhole: if an outage ends before the last retransmission, data written during the
// outage arrives whole, even if a keepalive probe has gone unanswered before the write.
//
// Claim: Beyond the chapter.
func TestWhatWasSentDuringOutageArrivesWhole(t *testing.T) {
	x := harness.Start(t, link.VanishingPeers)
	const request, more = "are you ", "there?"
	client, server := peer.PairNoKeepalive(x)
	require.NoError(t, client.SetKeepAliveConfig(patient))
	require.Equal(t, patient, kernel.Keepalive(x, client))

	x.Step("the server's host vanishes, and the first probe goes unanswered")
	link.Vanish(x, server)
	kernel.AwaitTCPInfo(x, harness.Client, client, func(i kernel.TCPInfo) bool { return i.Probes > 0 })
	x.Step("the client writes, twice, and its kernel retransmits in vain")
	for _, text := range []string{request, more} {
		_, err := client.Write([]byte(text))
		require.NoError(t, err)
	}
	kernel.AwaitTCPInfo(x, harness.Client, client, func(i kernel.TCPInfo) bool { return i.Retransmits > 0 })
	assert.Equal(t, len(request+more), kernel.Unacknowledged(x, client))

	x.Step("the host returns")
	link.Return(x, server)
	got := make([]byte, len(request+more))
	_, err := io.ReadFull(server, got)
	require.NoError(t, err)
	x.Outcome(harness.Server, "Read: %q", got)
	assert.Equal(t, request+more, string(got))
	info := kernel.AwaitTCPInfo(x, harness.Client, client, func(i kernel.TCPInfo) bool { return i.Unacked == 0 })
	assert.Equal(t, kernel.Established, info.State)
	assert.Zero(t, info.Probes)
}

// TestDataWaitsForBackOffAfterOutage: after an outage, nothing tells the sender's kernel that the peer is back. The data waits
// for the next retransmission. Each retransmission timeout is twice as long as the previous one; TCP_RTO_MAX_MS (Linux 6.15)
// limits it.
//
// Claim: Beyond the chapter.
//
// Predict: an outage ends 2 s after a write, which was retransmitted in vain; when does the data arrive?
//   - [ ] at once
//   - [ ] after a round trip: the kernel notices that the peer is back
//   - [x] with the next retransmission, which can take as long as the outage lasted
func TestDataWaitsForBackOffAfterOutage(t *testing.T) {
	t.Parallel()
	const (
		backoffs = 3
		doubled  = 200 * time.Millisecond << backoffs // the shortest retransmission timeout (TCP_RTO_MIN in include/net/tcp.h), doubled
		limit    = 1 * time.Second                    // the smallest value that TCP_RTO_MAX_MS accepts
		onItsWay = 200 * time.Millisecond             // longer than a segment takes to arrive, even on a busy machine
	)
	for _, sender := range []struct {
		name  string
		limit time.Duration
		needs []harness.Need
		wait  time.Duration // before the retransmission that arrives; earlier retransmissions are lost
	}{
		{"with the system's limit", 0, nil, doubled},
		{"with TCP_RTO_MAX_MS", limit, []harness.Need{kernel.LongestRetransmission}, limit},
	} {
		t.Run(sender.name, func(t *testing.T) {
			x := harness.Start(t, append(sender.needs, link.VanishingPeers, wire.Capture)...)
			client, server := peer.PairNoKeepalive(x)
			if sender.limit > 0 {
				raw, err := client.SyscallConn()
				require.NoError(t, err)
				require.NoError(t, raw.Control(func(fd uintptr) {
					require.NoError(t, unix.SetsockoptInt(int(fd), unix.IPPROTO_TCP, unix.TCP_RTO_MAX_MS, int(sender.limit.Milliseconds())))
				}))
			}

			x.Step("the server's host vanishes, and the client writes")
			link.Vanish(x, server)
			_, err := client.Write([]byte("?"))
			require.NoError(t, err)
			info := kernel.AwaitTCPInfo(x, harness.Client, client, func(i kernel.TCPInfo) bool {
				return i.Backoff >= backoffs && i.LastSent > onItsWay
			})
			x.Outcome(harness.Client, "waits %s until the next retransmission", story.Duration(info.Timeout))
			if sender.limit > 0 {
				assert.Equal(t, sender.limit, info.Timeout)
			} else {
				assert.GreaterOrEqual(t, info.Timeout, doubled)
			}

			x.Step("the host returns")
			link.Return(x, server)
			_, err = io.ReadFull(server, make([]byte, 1))
			require.NoError(t, err)
			x.Outcome(harness.Server, "Read: the data")
			again := wire.OfMeaning(wire.Segments(x, client), wire.Retransmission)
			require.Greater(t, len(again), backoffs)
			arrived, before := again[len(again)-1], again[len(again)-2]
			assert.False(t, arrived.Unheard)
			assert.True(t, before.Unheard, "the retransmission before the last one should have been sent during the outage")
			x.AssertAtLeast(arrived.At-before.At, sender.wait-harness.Tick())
		})
	}
}
