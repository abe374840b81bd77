package lab03_keepalive

import (
	"io"
	"net"
	"strings"
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

// TestLivePeerAnswersUnseen: the kernel of a live and reachable peer answers each keepalive probe, so the connection
// survives more probes than its probe count. Neither application reads a byte of these probes.
//
// Claim: K3, K5.
// Verdict: holds.
func TestLivePeerAnswersUnseen(t *testing.T) {
	x := harness.Start(t, link.VanishingPeers)
	const probes = 3
	x.Step("two clients connect, and turn keepalive on")
	control, vanished := peer.PairNoKeepalive(x)
	require.NoError(t, control.SetKeepAliveConfig(quickest))
	begun := time.Now()
	client, server := peer.PairNoKeepalive(x)
	require.NoError(t, client.SetKeepAliveConfig(quickest))
	answer := make([]byte, 1)
	read := x.Begin(harness.Server, "Read", func() error {
		_, err := io.ReadFull(server, answer)
		return err
	})

	x.Step("one server's host vanishes, the other's does not; nobody sends anything")
	link.Vanish(x, vanished)
	before := kernel.ReadTCPInfo(x, harness.Server, server)
	kernel.AwaitTCPInfo(x, harness.Server, server, func(i kernel.TCPInfo) bool {
		return i.SegmentsIn >= before.SegmentsIn+probes
	})
	took := time.Since(begun)
	x.AssertAtLeast(took, probes*quickest.Idle-harness.Tick())

	_, err := control.Read(make([]byte, 1))
	x.Outcome(harness.Client, "Read from the vanished server: %v", cause(err))
	assert.ErrorIs(t, err, unix.ETIMEDOUT, "the control, whose probe got no answer, should time out")
	read.AssertStillWaiting()
	answered := kernel.AwaitTCPInfo(x, harness.Client, client, func(i kernel.TCPInfo) bool { return i.Probes == 0 })
	for _, info := range []kernel.TCPInfo{answered, kernel.ReadTCPInfo(x, harness.Server, server)} {
		assert.Equal(t, kernel.Established, info.State)
		assert.Zero(t, info.DataSegmentsIn, "no data should have come for an application to read")
	}

	x.Step("the client sends a byte")
	_, err = client.Write([]byte("!"))
	require.NoError(t, err)
	assert.NoError(t, read.Wait())
	assert.Equal(t, "!", string(answer), "the client's byte should be the first that the server's application reads: a probe has no data")
}

// TestIdleTimeBeginsAnewWithEachSegment: keepalive's idle time starts anew when data arrives.
//
// Claim: K3.
// Verdict: holds.
func TestIdleTimeBeginsAnewWithEachSegment(t *testing.T) {
	x := harness.Start(t, link.VanishingPeers)
	const pause = 600 * time.Millisecond // shorter than the idle time, which is 1 s
	client, server := peer.PairNoKeepalive(x)
	require.NoError(t, client.SetKeepAliveConfig(quickest))
	kernel.AwaitTCPInfo(x, harness.Client, client, func(i kernel.TCPInfo) bool { return i.LastReceived >= pause })

	x.Step("after %v the server sends a byte, and its host vanishes", pause)
	begun := time.Now()
	_, err := server.Write([]byte("!"))
	require.NoError(t, err)
	_, err = io.ReadFull(client, make([]byte, 1))
	require.NoError(t, err)
	link.Vanish(x, server)
	_, err = client.Read(make([]byte, 1))
	took := time.Since(begun)
	x.Outcome(harness.Client, "Read: %v", cause(err))

	assert.ErrorIs(t, err, unix.ETIMEDOUT)
	x.AssertAtLeast(took, deathAfter(quickest)-harness.Tick())
}

// TestTrafficPostponesProbes: while data arrives at intervals shorter than keepalive's idle time, no keepalive
// probe is sent.
//
// Claim: K3.
// Verdict: holds.
func TestTrafficPostponesProbes(t *testing.T) {
	x := harness.Start(t, link.VanishingPeers)
	const pause = 200 * time.Millisecond // far less than the idle time
	settings := net.KeepAliveConfig{Enable: true, Idle: 3 * time.Second, Interval: 1 * time.Second, Count: 1}
	client, server := peer.PairNoKeepalive(x)
	control, vanished := peer.PairNoKeepalive(x)

	x.Step("one server's host vanishes, the other sends a byte every %v", pause)
	link.Vanish(x, vanished)
	before := kernel.ReadTCPInfo(x, harness.Server, server)
	peer.Drip(x, server, strings.Repeat("!", 1000), pause)
	for _, conn := range []*net.TCPConn{client, control} {
		require.NoError(t, conn.SetKeepAliveConfig(settings))
		require.Equal(t, settings, kernel.Keepalive(x, conn))
	}
	read := x.Begin(harness.Client, "ReadAll", func() error {
		_, err := io.ReadAll(client)
		return err
	})
	_, err := control.Read(make([]byte, 1))
	x.Outcome(harness.Client, "Read from the vanished server: %v", cause(err))
	require.ErrorIs(t, err, unix.ETIMEDOUT, "the control, which receives nothing, should be probed, and time out")
	assert.Equal(t, settings.Count, kernel.ReadTCPInfo(x, harness.Client, control).Probes)

	read.AssertStillWaiting()
	heard := kernel.ReadTCPInfo(x, harness.Server, server).SegmentsIn - before.SegmentsIn
	sent := kernel.ReadTCPInfo(x, harness.Client, client).DataSegmentsIn
	x.Outcome(harness.Server, "%d bytes sent, %d segments received, which acknowledge them", sent, heard)
	assert.Positive(t, heard)
	assert.LessOrEqual(t, heard, sent,
		"the server should receive at most one segment for each byte: its acknowledgment. One more would be a probe")
}
