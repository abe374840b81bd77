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

// TestKeepaliveKeepsMiddleboxStateAlive: a middlebox, such as a firewall or a NAT router, forgets a connection that is silent
// for longer than the middlebox's idle timeout. Keepalive prevents that if keepalive's idle time and interval are both
// shorter than this timeout. Without keepalive, data that the peer sends later is lost.
//
// Claim: Beyond the chapter.
//
// Predict: a middlebox forgets connections after 2 s of silence; does data that a server sends later arrive?
//   - [ ] always: both ends are there, and know the connection
//   - [x] only with keepalive, which probes every second here
//   - [ ] never: a probe carries no data, so it does not count
func TestKeepaliveKeepsMiddleboxStateAlive(t *testing.T) {
	x := harness.Start(t, link.VanishingPeers, wire.Capture)
	const idleTimeout = 2 * time.Second
	require.Less(t, patient.Idle, idleTimeout)
	plain, plainServer := peer.PairNoKeepalive(x)
	probing, probedServer := peer.PairNoKeepalive(x)
	require.NoError(t, probing.SetKeepAliveConfig(patient))
	require.Equal(t, patient, kernel.Keepalive(x, probing))
	plainMiddlebox := link.ForgetfulMiddlebox(x, plain, plainServer, idleTimeout, link.DropUnknown)
	probedMiddlebox := link.ForgetfulMiddlebox(x, probing, probedServer, idleTimeout, link.DropUnknown)

	x.Step("no program sends anything until a middlebox forgets its connection; then both servers send a byte")
	plainMiddlebox.AwaitForgotten()
	read := x.Begin(harness.Client, "Read without keepalive", func() error {
		_, err := plain.Read(make([]byte, 1))
		return err
	})
	for _, server := range []*net.TCPConn{plainServer, probedServer} {
		_, err := server.Write([]byte("!"))
		require.NoError(t, err, "Write should succeed, even if the middlebox has forgotten the connection")
	}
	require.True(t, probedMiddlebox.AssertRemembers())
	_, err := io.ReadFull(probing, make([]byte, 1))
	x.Outcome(harness.Client, "Read with keepalive: %v", cause(err))
	assert.NoError(t, err)
	assert.NotEmpty(t, wire.OfMeaning(wire.Segments(x, probing), wire.ProbeAnswer))

	info := kernel.AwaitTCPInfo(x, harness.Server, plainServer, func(i kernel.TCPInfo) bool { return i.Retransmits > 0 })
	assert.Equal(t, kernel.Established, info.State)
	read.AssertStillWaiting()
	assert.Equal(t, 1, kernel.Unacknowledged(x, plainServer))
}

// TestProbeComesTooLateForMiddlebox: keepalive ends a connection that a middlebox has forgotten before the first probe,
// although both ends are healthy. If the middlebox answers that probe with a reset, the connection ends at once. If it drops
// the probe, the connection ends when the last probe has gone unanswered.
//
// Claim: K4.
// Verdict: holds, but if keepalive's idle time is longer than a middlebox's idle timeout, the kernel
// declares a live peer dead.
func TestProbeComesTooLateForMiddlebox(t *testing.T) {
	t.Parallel()
	const idleTimeout = 1 * time.Second
	const idle, interval = 2 * time.Second, 1 * time.Second
	for _, middlebox := range []struct {
		unknown link.Unknown
		count   int // more than 1 for a reset: on a busy machine, the middlebox may send it only after the first interval
		err     error
		least   time.Duration
		probes  []int
	}{
		{link.ResetUnknown, 3, unix.ECONNRESET, idle, []int{1, 2}},
		{link.DropUnknown, 1, unix.ETIMEDOUT, idle + interval, []int{1}},
	} {
		t.Run("the middlebox "+string(middlebox.unknown), func(t *testing.T) {
			x := harness.Start(t, link.VanishingPeers, wire.Capture)
			x.Step("a client connects, and turns keepalive on; the middlebox forgets before the first probe")
			slow := net.KeepAliveConfig{Enable: true, Idle: idle, Interval: interval, Count: middlebox.count}
			begun := time.Now()
			client, server := peer.PairNoKeepalive(x)
			require.NoError(t, client.SetKeepAliveConfig(slow))
			require.Equal(t, slow, kernel.Keepalive(x, client))
			link.ForgetfulMiddlebox(x, client, server, idleTimeout, middlebox.unknown)

			_, err := client.Read(make([]byte, 1))
			took := time.Since(begun)
			x.Outcome(harness.Client, "Read: %v", cause(err))
			assert.ErrorIs(t, err, middlebox.err)
			x.AssertAtLeast(took, middlebox.least-harness.Tick())
			assert.Contains(t, middlebox.probes, kernel.ReadTCPInfo(x, harness.Client, client).Probes, "the number of probes without an answer")
			assert.Equal(t, kernel.Established, kernel.ReadTCPInfo(x, harness.Server, server).State,
				"the server should still have the connection: nothing has reached it")
		})
	}
}

// TestNextProbeComesTooLateForMiddlebox: while the peer answers, the kernel sends one probe per idle time, or one per
// interval if the interval is longer. A middlebox whose idle timeout is longer than the idle time, but shorter than the interval,
// forgets the connection after the first probe.
//
// Claim: Beyond the chapter.
//
// Predict: the idle time is 1 s, the interval 3 s; the peer has answered the first probe, and sends nothing; when does the next probe come?
//   - [ ] 1 s later: the answer starts the idle time anew
//   - [x] 3 s later: after a probe, the kernel checks again only when the interval is over
//   - [ ] never: the peer has answered
func TestNextProbeComesTooLateForMiddlebox(t *testing.T) {
	x := harness.Start(t, link.VanishingPeers, wire.Capture)
	const idleTimeout = 2 * time.Second
	seldom := net.KeepAliveConfig{Enable: true, Idle: 1 * time.Second, Interval: 3 * time.Second, Count: 3}
	require.Equal(t, seldom.Idle, patient.Idle)
	require.Less(t, patient.Interval, idleTimeout)

	x.Step("two clients turn keepalive on: both send the first probe after %v; one sends the next after %v, the other after %v",
		seldom.Idle, seldom.Interval, patient.Interval)
	client, server := peer.PairNoKeepalive(x)
	control, controlServer := peer.PairNoKeepalive(x)
	require.NoError(t, client.SetKeepAliveConfig(seldom))
	require.Equal(t, seldom, kernel.Keepalive(x, client))
	require.NoError(t, control.SetKeepAliveConfig(patient))
	require.Equal(t, patient, kernel.Keepalive(x, control))
	middlebox := link.ForgetfulMiddlebox(x, client, server, idleTimeout, link.ResetUnknown)
	controlMiddlebox := link.ForgetfulMiddlebox(x, control, controlServer, idleTimeout, link.ResetUnknown)

	_, err := client.Read(make([]byte, 1))
	x.Outcome(harness.Client, "Read with an interval of %v: %v", seldom.Interval, cause(err))
	assert.ErrorIs(t, err, unix.ECONNRESET, "the second probe should come too late for the middlebox")
	middlebox.AwaitForgotten()
	probes := wire.OfMeaning(wire.Segments(x, client), wire.KeepaliveProbe)
	require.Len(t, probes, 2)
	assert.Len(t, wire.OfMeaning(wire.Segments(x, client), wire.ProbeAnswer), 1, "only the first probe should be answered")
	x.AssertAtLeast(probes[1].At-probes[0].At, seldom.Interval-harness.Tick())

	controlMiddlebox.AssertRemembers()
	assert.GreaterOrEqual(t, len(wire.OfMeaning(wire.Segments(x, control), wire.ProbeAnswer)), 2,
		"the control's probes should come every second")
}

// TestWriteComesTooLateForMiddlebox: after a middlebox has forgotten a connection, a Write still succeeds. If the middlebox
// answers with a reset, the next Read gets ECONNRESET. If the middlebox drops the data, the data stays unacknowledged,
// and the next Read waits.
//
// Claim: Beyond the chapter.
func TestWriteComesTooLateForMiddlebox(t *testing.T) {
	x := harness.Start(t, link.VanishingPeers, wire.Capture)
	const idleTimeout = 200 * time.Millisecond
	refused, refusedServer := peer.PairNoKeepalive(x)
	dropped, droppedServer := peer.PairNoKeepalive(x)
	resetting := link.ForgetfulMiddlebox(x, refused, refusedServer, idleTimeout, link.ResetUnknown)
	dropping := link.ForgetfulMiddlebox(x, dropped, droppedServer, idleTimeout, link.DropUnknown)
	resetting.AwaitForgotten()
	dropping.AwaitForgotten()

	x.Step("both clients write, and wait for an answer")
	for _, client := range []*net.TCPConn{refused, dropped} {
		_, err := client.Write([]byte("?"))
		require.NoError(t, err)
	}
	_, err := refused.Read(make([]byte, 1))
	x.Outcome(harness.Client, "Read behind the middlebox that resets: %v", cause(err))
	assert.ErrorIs(t, err, unix.ECONNRESET)
	assert.NotEmpty(t, wire.OfMeaning(wire.Segments(x, refused), wire.RST),
		"the middlebox should answer the data, and each retransmission of it, with a reset")

	read := x.Begin(harness.Client, "Read behind the middlebox that drops", func() error {
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
