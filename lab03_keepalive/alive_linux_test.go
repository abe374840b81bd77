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

// TestLivePeerAnswersUnseen: a live peer's kernel answers each probe, so the connection outlives any
// number of them; no byte of it reaches the application on either side.
//
// Claim: K3, K5.
// Verdict: holds.
func TestLivePeerAnswersUnseen(t *testing.T) {
	x := harness.Start(t, link.VanishingPeers)
	const probes = 3
	begun := x.Step("two clients connect, with keepalive")
	client, server := peer.PairNoKeepalive(x)
	control, vanished := peer.PairNoKeepalive(x)
	require.NoError(t, client.SetKeepAliveConfig(quickest))
	require.NoError(t, control.SetKeepAliveConfig(quickest))
	answer := make([]byte, 1)
	read := x.Begin(harness.Server, "Read", func() error {
		_, err := io.ReadFull(server, answer)
		return err
	})

	x.Step("one server's host vanishes, the other's does not; nobody says a word")
	link.Vanish(x, vanished)
	before := kernel.ReadTCPInfo(x, harness.Server, server)
	kernel.AwaitTCPInfo(x, harness.Server, server, func(i kernel.TCPInfo) bool {
		return i.SegmentsIn >= before.SegmentsIn+probes
	})
	x.AssertNeverEarlier(begun, probes*quickest.Idle-harness.Tick())

	_, err := control.Read(make([]byte, 1))
	x.Outcome(harness.Client, "Read from the vanished server: %v", cause(err))
	assert.ErrorIs(t, err, unix.ETIMEDOUT, "the control: this many probes, and no answer")
	read.AssertStillWaiting()
	answered := kernel.AwaitTCPInfo(x, harness.Client, client, func(i kernel.TCPInfo) bool { return i.Probes == 0 })
	for _, info := range []kernel.TCPInfo{answered, kernel.ReadTCPInfo(x, harness.Server, server)} {
		assert.Equal(t, kernel.Established, info.State)
		assert.Zero(t, info.DataSegmentsIn, "data has come, to be read")
	}

	x.Step("the client says a word")
	_, err = client.Write([]byte("!"))
	require.NoError(t, err)
	assert.NoError(t, read.Wait())
	assert.Equal(t, "!", string(answer), "the first byte that the server's application has read")
}

// TestIdleTimeBeginsAnewWithEachSegment: the idle time is counted from the last segment heard, not
// from the beginning, nor from when keepalive was turned on.
//
// Claim: K3.
// Verdict: holds.
func TestIdleTimeBeginsAnewWithEachSegment(t *testing.T) {
	x := harness.Start(t, link.VanishingPeers)
	const pause = 600 * time.Millisecond // of the idle second
	client, server := peer.PairNoKeepalive(x)
	require.NoError(t, client.SetKeepAliveConfig(quickest))
	kernel.AwaitTCPInfo(x, harness.Client, client, func(i kernel.TCPInfo) bool { return i.LastReceived >= pause })

	begun := x.Step("after %v the server says a word, and its host vanishes", pause)
	_, err := server.Write([]byte("!"))
	require.NoError(t, err)
	_, err = io.ReadFull(client, make([]byte, 1))
	require.NoError(t, err)
	link.Vanish(x, server)
	_, err = client.Read(make([]byte, 1))
	x.Outcome(harness.Client, "Read: %v", cause(err))

	assert.ErrorIs(t, err, unix.ETIMEDOUT)
	x.AssertNeverEarlier(begun, deathAfter(quickest)-harness.Tick())
}

// TestTrafficPostponesProbes: while segments come in, no probe is sent, for as long as they come.
//
// Claim: K3.
// Verdict: holds.
func TestTrafficPostponesProbes(t *testing.T) {
	x := harness.Start(t, link.VanishingPeers)
	const pause = 200 * time.Millisecond // far less than the idle time
	settings := net.KeepAliveConfig{Enable: true, Idle: 3 * time.Second, Interval: 1 * time.Second, Count: 1}
	client, server := peer.PairNoKeepalive(x)
	control, vanished := peer.PairNoKeepalive(x)

	x.Step("one server's host vanishes, the other says a word every %v", pause)
	link.Vanish(x, vanished)
	before := kernel.ReadTCPInfo(x, harness.Server, server)
	peer.Drip(x, server, strings.Repeat("!", 1000), pause)
	require.NoError(t, client.SetKeepAliveConfig(settings))
	require.NoError(t, control.SetKeepAliveConfig(settings))
	read := x.Begin(harness.Client, "ReadAll", func() error {
		_, err := io.ReadAll(client)
		return err
	})
	_, err := control.Read(make([]byte, 1))
	x.Outcome(harness.Client, "Read from the vanished server: %v", cause(err))
	require.ErrorIs(t, err, unix.ETIMEDOUT, "the control, which was probed")
	assert.Equal(t, settings.Count, kernel.ReadTCPInfo(x, harness.Client, control).Probes)

	read.AssertStillWaiting()
	heard := kernel.ReadTCPInfo(x, harness.Server, server).SegmentsIn - before.SegmentsIn
	words := kernel.ReadTCPInfo(x, harness.Client, client).DataSegmentsIn
	x.Outcome(harness.Server, "%d words sent, %d segments heard, which acknowledge them", words, heard)
	assert.Positive(t, heard)
	assert.LessOrEqual(t, heard, words, "one segment for each word acknowledges it; one more is a probe")
}
