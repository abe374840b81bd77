package lab03_keepalive

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
	"socketlabs/harness/wire"
)

// TestKeepaliveKeepsWayThroughBoxOpen: a firewall or NAT router in the way forgets a connection that is silent for too
// long; keepalive whose idle time is shorter than the box's memory keeps the way open, and without it news is lost.
//
// Claim: Beyond the chapter.
//
// Predict: a box in the way forgets connections after 2 s of silence; does news get through after that?
//   - [ ] always: both ends are there, and know the connection
//   - [x] with keepalive that probes every second
//   - [ ] never: a probe carries no data, so that it does not count
func TestKeepaliveKeepsWayThroughBoxOpen(t *testing.T) {
	x := harness.Start(t, link.VanishingPeers, wire.Capture)
	const memory = 2 * time.Second
	require.Less(t, patient.Idle, memory)
	plain, plainServer := peer.PairNoKeepalive(x)
	probing, probedServer := peer.PairNoKeepalive(x)
	require.NoError(t, probing.SetKeepAliveConfig(patient))
	require.Equal(t, patient, kernel.Keepalive(x, probing))
	plainBox := link.ForgetfulBox(x, plain, plainServer, memory, link.DropStrangers)
	probedBox := link.ForgetfulBox(x, probing, probedServer, memory, link.DropStrangers)

	x.Step("nobody sends anything until a box forgets its connection; then both servers have news")
	plainBox.AwaitForgotten()
	read := x.Begin(harness.Client, "Read without keepalive", func() error {
		_, err := plain.Read(make([]byte, 1))
		return err
	})
	for _, server := range []*net.TCPConn{plainServer, probedServer} {
		_, err := server.Write([]byte("!"))
		require.NoError(t, err, "the server, too, notices nothing")
	}
	require.True(t, probedBox.AssertRemembers())
	_, err := io.ReadFull(probing, make([]byte, 1))
	x.Outcome(harness.Client, "Read with keepalive: %v", cause(err))
	assert.NoError(t, err)
	assert.NotEmpty(t, wire.OfMeaning(wire.Segments(x, probing), wire.ProbeAnswer))

	info := kernel.AwaitTCPInfo(x, harness.Server, plainServer, func(i kernel.TCPInfo) bool { return i.Retransmits > 0 })
	assert.Equal(t, kernel.Established, info.State)
	read.AssertStillWaiting()
	assert.Equal(t, 1, kernel.Unacknowledged(x, plainServer))
}

// TestProbeComesTooLateForBox: a keepalive probe that is sent after a box in the way has forgotten the connection ends
// the connection of two healthy ends: at the first probe if the box answers with a reset, else when the probes run out.
//
// Claim: K4.
// Verdict: holds, but not the converse: keepalive that is slower than a box in the way gives a live peer up.
func TestProbeComesTooLateForBox(t *testing.T) {
	t.Parallel()
	const memory = 1 * time.Second
	slow := net.KeepAliveConfig{Enable: true, Idle: 2 * time.Second, Interval: 1 * time.Second, Count: 1}
	for _, box := range []struct {
		strangers link.Strangers
		err       error
		least     time.Duration
	}{
		{link.ResetStrangers, unix.ECONNRESET, slow.Idle},
		{link.DropStrangers, unix.ETIMEDOUT, deathAfter(slow)},
	} {
		t.Run("the box "+string(box.strangers), func(t *testing.T) {
			x := harness.Start(t, link.VanishingPeers, wire.Capture)
			x.Step("a client connects, and turns keepalive on, slower than the box forgets")
			begun := time.Now()
			client, server := peer.PairNoKeepalive(x)
			require.NoError(t, client.SetKeepAliveConfig(slow))
			require.Equal(t, slow, kernel.Keepalive(x, client))
			link.ForgetfulBox(x, client, server, memory, box.strangers)

			_, err := client.Read(make([]byte, 1))
			took := time.Since(begun)
			x.Outcome(harness.Client, "Read: %v", cause(err))
			assert.ErrorIs(t, err, box.err)
			x.AssertAtLeast(took, box.least-harness.Tick())
			assert.Equal(t, 1, kernel.ReadTCPInfo(x, harness.Client, client).Probes)
			assert.Equal(t, kernel.Established, kernel.ReadTCPInfo(x, harness.Server, server).State, "nobody has told the server")
		})
	}
}

// TestNextProbeComesTooLateForBox: while the peer answers, a probe comes every idle time, or every
// interval if that is longer; so a box in the way whose memory lies between the two forgets the connection after the first
// probe.
//
// Claim: Beyond the chapter.
//
// Predict: the idle time is 1 s, the interval 3 s; the peer has answered the first probe, and stays silent; when does the next one come?
//   - [ ] 1 s later: the answer begins the idle time anew
//   - [x] 3 s later
//   - [ ] never: the peer has answered
func TestNextProbeComesTooLateForBox(t *testing.T) {
	x := harness.Start(t, link.VanishingPeers, wire.Capture)
	const memory = 2 * time.Second
	seldom := net.KeepAliveConfig{Enable: true, Idle: 1 * time.Second, Interval: 3 * time.Second, Count: 3}
	require.Equal(t, seldom.Idle, patient.Idle)
	require.Less(t, patient.Interval, memory)

	x.Step("two clients connect, and turn keepalive on; both have an idle time of %v, and one an interval of %v", seldom.Idle, seldom.Interval)
	client, server := peer.PairNoKeepalive(x)
	control, controlServer := peer.PairNoKeepalive(x)
	require.NoError(t, client.SetKeepAliveConfig(seldom))
	require.Equal(t, seldom, kernel.Keepalive(x, client))
	require.NoError(t, control.SetKeepAliveConfig(patient))
	require.Equal(t, patient, kernel.Keepalive(x, control))
	box := link.ForgetfulBox(x, client, server, memory, link.ResetStrangers)
	controlBox := link.ForgetfulBox(x, control, controlServer, memory, link.ResetStrangers)

	_, err := client.Read(make([]byte, 1))
	x.Outcome(harness.Client, "Read with an interval of %v: %v", seldom.Interval, cause(err))
	assert.ErrorIs(t, err, unix.ECONNRESET, "the second probe comes too late for the box")
	box.AwaitForgotten()
	probes := wire.OfMeaning(wire.Segments(x, client), wire.KeepaliveProbe)
	require.Len(t, probes, 2)
	assert.Len(t, wire.OfMeaning(wire.Segments(x, client), wire.ProbeAnswer), 1, "the first was answered")
	x.AssertAtLeast(probes[1].At-probes[0].At, seldom.Interval-harness.Tick())

	controlBox.AssertRemembers()
	assert.GreaterOrEqual(t, len(wire.OfMeaning(wire.Segments(x, control), wire.ProbeAnswer)), 2, "the control's probes come every second")
}

// TestWriteComesTooLateForBox: data that is written after a box in the way has forgotten the connection is answered with
// a reset, or is dropped: then Write succeeds, the data stays unacknowledged, and the reader waits.
//
// Claim: Beyond the chapter.
func TestWriteComesTooLateForBox(t *testing.T) {
	x := harness.Start(t, link.VanishingPeers, wire.Capture)
	const memory = 200 * time.Millisecond
	refused, refusedServer := peer.PairNoKeepalive(x)
	dropped, droppedServer := peer.PairNoKeepalive(x)
	resetting := link.ForgetfulBox(x, refused, refusedServer, memory, link.ResetStrangers)
	dropping := link.ForgetfulBox(x, dropped, droppedServer, memory, link.DropStrangers)
	resetting.AwaitForgotten()
	dropping.AwaitForgotten()

	x.Step("both clients write, and wait for an answer")
	for _, client := range []*net.TCPConn{refused, dropped} {
		_, err := client.Write([]byte("?"))
		require.NoError(t, err)
	}
	_, err := refused.Read(make([]byte, 1))
	x.Outcome(harness.Client, "Read behind the box that resets: %v", cause(err))
	assert.ErrorIs(t, err, unix.ECONNRESET)
	assert.NotEmpty(t, wire.OfMeaning(wire.Segments(x, refused), wire.RST), "one, and another for each retransmission before it")

	read := x.Begin(harness.Client, "Read behind the box that drops", func() error {
		_, err := dropped.Read(make([]byte, 1))
		return err
	})
	kernel.AwaitTCPInfo(x, harness.Client, dropped, func(i kernel.TCPInfo) bool { return i.Retransmits > 0 })
	read.AssertStillWaiting()
	assert.Equal(t, 1, kernel.Unacknowledged(x, dropped))
	for _, server := range []*net.TCPConn{refusedServer, droppedServer} {
		info := kernel.ReadTCPInfo(x, harness.Server, server)
		assert.Equal(t, kernel.Established, info.State)
		assert.Zero(t, info.DataSegmentsIn)
	}
}
