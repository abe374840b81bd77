package lab03_keepalive

import (
	"io"
	"net"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
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

// onWire is what an experiment asserts about a segment. Sequence numbers are counted from the SYN, which
// is number 0, so the first byte of data is number 1.
type onWire struct {
	From    story.Lane
	Flags   string // as tcpdump writes them: "." is ACK
	Seq     uint32
	Ack     uint32
	Length  int
	Meaning story.Meaning
}

func onTheWire(segments []wire.Segment) (seen []onWire) {
	for _, s := range segments {
		seen = append(seen, onWire{s.From, s.Flags, s.Seq, s.Ack, s.Length, s.Meaning})
	}
	return seen
}

// TestProbeHasPreviousSequenceNumber: a keepalive probe from Linux carries no data, and has the sequence number of the last
// acknowledged byte (SND.NXT − 1). The peer's kernel answers with an acknowledgment without data. No application sees
// either segment.
//
// Claim: K3, K5.
// Verdict: holds.
func TestProbeHasPreviousSequenceNumber(t *testing.T) {
	x := harness.Start(t, wire.Capture)
	const (
		probes = 2
		hello  = "hello"
		next   = uint32(1 + len(hello)) // the sequence number of the byte that the client would send next
	)
	x.Step("two clients greet their servers; one turns keepalive on")
	plain, plainServer := peer.PairNoKeepalive(x)
	client, server := peer.PairNoKeepalive(x)
	require.NoError(t, client.SetKeepAliveConfig(quickest))
	for _, pair := range []struct{ from, to *net.TCPConn }{{plain, plainServer}, {client, server}} {
		_, err := pair.from.Write([]byte(hello))
		require.NoError(t, err)
		_, err = io.ReadFull(pair.to, make([]byte, len(hello)))
		require.NoError(t, err)
	}

	x.Step("no program sends anything more; the server reads")
	read := x.Begin(harness.Server, "Read", func() error {
		_, err := server.Read(make([]byte, 1))
		return err
	})
	wire.AwaitSegments(x, client, probes, wire.ProbeAnswer)
	read.AssertStillWaiting()

	probe := onWire{harness.Client, ".", next - 1, 1, 0, wire.KeepaliveProbe}
	answer := onWire{harness.Server, ".", 1, next, 0, wire.ProbeAnswer}
	segments := wire.Segments(x, client)
	probed := slices.IndexFunc(segments, func(s wire.Segment) bool { return s.Meaning == wire.KeepaliveProbe })
	first := segments[probed:][:2*probes] // on a busy machine, more probes may have been sent by now
	assert.Empty(t, cmp.Diff([]onWire{probe, answer, probe, answer}, onTheWire(first)), "the first probes and their answers (-want +got)")
	assert.GreaterOrEqual(t, segments[probed].At-segments[probed-1].At, quickest.Idle-harness.Tick(),
		"the first probe should not come before the idle time has passed")
	assert.Len(t, wire.Segments(x, plain), probed, "the control: without keepalive, an idle connection should be silent")
}

// TestVanishedPeerOnTheWire: a peer answers probes until its host vanishes. From then on, our kernel's probes go
// unanswered. The first probe is sent after the idle time, the others one interval apart, until the probe count is reached.
// One interval after the last probe, our kernel aborts the connection, with a reset that is lost, too.
//
// Claim: K3, K4.
// Verdict: holds.
func TestVanishedPeerOnTheWire(t *testing.T) {
	x := harness.Start(t, wire.Capture, link.VanishingPeers)
	const idle, interval, count = 1 * time.Second, 1 * time.Second, 2
	client, server := peer.PairNoKeepalive(x)

	x.Step("the client turns keepalive on: idle %v, interval %v, count %d", idle, interval, count)
	require.NoError(t, client.SetKeepAliveConfig(net.KeepAliveConfig{Enable: true, Idle: idle, Interval: interval, Count: count}))
	read := x.Begin(harness.Client, "Read", func() error {
		_, err := client.Read(make([]byte, 1))
		return cause(err)
	})
	wire.AwaitSegments(x, client, 1, wire.ProbeAnswer)

	x.Step("the server's host vanishes")
	link.Vanish(x, server)
	assert.ErrorIs(t, read.Wait(), unix.ETIMEDOUT)

	segments := wire.Segments(x, client)
	vanished := slices.IndexFunc(segments, func(s wire.Segment) bool { return s.Unheard })
	require.Positive(t, vanished, "a segment should be lost: the server's host has vanished")
	probe := onWire{harness.Client, ".", 0, 1, 0, wire.KeepaliveProbe}
	goodbye := onWire{harness.Client, "R.", 1, 1, 0, wire.RST}
	assert.Empty(t, cmp.Diff([]onWire{probe, probe, goodbye}, onTheWire(segments[vanished:])),
		"segments after the host has vanished (-want +got)")
	heard := segments[vanished-1]
	assert.Equal(t, onWire{harness.Server, ".", 1, 1, 0, wire.ProbeAnswer}, onTheWire([]wire.Segment{heard})[0],
		"the control: the last segment that was not lost should be the answer to a probe")
	for i, pause := range []time.Duration{idle, interval, interval} {
		s, before := segments[vanished+i], segments[vanished+i-1]
		assert.GreaterOrEqual(t, s.At-before.At, pause-harness.Tick(), "%s should come at least %v after %s", s.Meaning, pause, before.Meaning)
	}
}

// TestDataInFlightIsRetransmittedInsteadOfProbes: when a peer's host vanishes while our data is unacknowledged, our
// kernel retransmits the data, at growing intervals. It sends no keepalive probe.
//
// Claim: K3.
// Verdict: holds if no data is in flight. While data is in flight, the kernel sends retransmissions instead of probes.
func TestDataInFlightIsRetransmittedInsteadOfProbes(t *testing.T) {
	x := harness.Start(t, wire.Capture, link.VanishingPeers)
	const (
		request      = "hello"
		leastTimeout = 200 * time.Millisecond // the shortest retransmission timeout: TCP_RTO_MIN in include/net/tcp.h
	)
	settings := net.KeepAliveConfig{Enable: true, Idle: 1 * time.Second, Interval: 1 * time.Second, Count: 2}
	x.Step("two clients connect, and the hosts of their servers vanish; one client sends a request")
	idle, idleServer := peer.PairNoKeepalive(x)
	client, server := peer.PairNoKeepalive(x)
	link.Vanish(x, idleServer)
	link.Vanish(x, server)
	_, err := client.Write([]byte(request))
	require.NoError(t, err)

	x.Step("both clients turn keepalive on, and wait")
	for _, conn := range []*net.TCPConn{idle, client} {
		require.NoError(t, conn.SetKeepAliveConfig(settings))
		require.Equal(t, settings, kernel.Keepalive(x, conn))
	}
	_, err = idle.Read(make([]byte, 1))
	x.Outcome(harness.Client, "Read of the idle client: %v", cause(err))
	require.ErrorIs(t, err, unix.ETIMEDOUT)

	assert.Len(t, wire.OfMeaning(wire.Segments(x, idle), wire.KeepaliveProbe), settings.Count,
		"the control, which has no data in flight, should be probed")
	assert.Empty(t, wire.OfMeaning(wire.Segments(x, client), wire.KeepaliveProbe))
	again := wire.AwaitSegments(x, client, 3, wire.Retransmission)
	sentAgain := onWire{harness.Client, "P.", 1, 1, len(request), wire.Retransmission}
	for i, s := range onTheWire(again) {
		assert.Equal(t, sentAgain, s, "retransmission %d", i+1)
	}
	assert.GreaterOrEqual(t, again[2].At-again[1].At, 2*leastTimeout-harness.Tick(), "the retransmission timeout should have doubled")
}

// TestClosedWindowIsProbedWithoutKeepalive: when a peer's window is closed and our data waits, our kernel sends window
// probes, to learn whether the window is open again. Window probes look like keepalive probes, but the kernel sends them
// even if keepalive is off.
//
// Claim: Beyond the chapter.
//
// Predict: keepalive is off, our data waits, and the peer's window is closed; what does our kernel send?
//   - [ ] nothing, until the peer says that its window is open
//   - [ ] a byte of the data, to see whether the peer accepts it
//   - [x] probes that look like keepalive probes
func TestClosedWindowIsProbedWithoutKeepalive(t *testing.T) {
	x := harness.Start(t, wire.Capture)
	const message = 8 << 20 // more than the buffers of both kernels hold: tcp_wmem and tcp_rmem in tcp(7)
	reader := peer.Stalled(x)
	client := peer.DialNoKeepalive(x, reader.Address)
	require.False(t, kernel.Keepalive(x, client).Enable)

	x.Step("the client writes %d MiB, and the server does not read", message>>20)
	write := x.Begin(harness.Client, "Write", func() error {
		if _, err := client.Write(make([]byte, message)); err != nil {
			return err
		}
		return client.CloseWrite()
	})
	closed := wire.AwaitSegments(x, client, 1, wire.ZeroWindow)[0]
	probes := wire.AwaitSegments(x, client, 2, wire.WindowProbe)
	answers := wire.AwaitSegments(x, client, 1, wire.ProbeAnswer)
	write.AssertStillWaiting()
	probe := onWire{harness.Client, ".", closed.Ack - 1, 1, 0, wire.WindowProbe}
	for i, s := range onTheWire(probes) {
		assert.Equal(t, probe, s, "window probe %d", i+1)
	}
	answer := onWire{harness.Server, ".", 1, closed.Ack, 0, wire.ProbeAnswer}
	assert.Equal(t, answer, onTheWire(answers)[0])
	assert.Zero(t, answers[0].Window)

	x.Step("the server begins to read, and its kernel advertises an open window")
	got := reader.ReadAll()
	assert.NoError(t, write.Wait())
	assert.Len(t, got, message)
	assert.NotEmpty(t, wire.OfMeaning(wire.Segments(x, client), wire.WindowUpdate))
}
