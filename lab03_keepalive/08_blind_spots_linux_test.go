package lab03_keepalive

import (
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

// TestRebootedPeerAnswersFirstProbeWithReset: a host that has crashed and rebooted does not know its old connections. If it
// can be reached, it answers the first keepalive probe with a reset. An idle client without keepalive notices nothing.
//
// Claim: K3.
// Verdict: holds.
//
// Predict: the server's host has crashed and rebooted, and the probe count is 20; how many probes are sent until the connection ends?
//   - [x] one
//   - [ ] twenty
//   - [ ] none: the host resets its old connections when it has rebooted
func TestRebootedPeerAnswersFirstProbeWithReset(t *testing.T) {
	x := harness.Start(t, link.VanishingPeers)
	x.Step("two clients connect")
	plain, plainServer := peer.PairNoKeepalive(x)
	begun := time.Now()
	probing, probedServer := peer.PairNoKeepalive(x)
	read := x.Begin(harness.Client, "Read without keepalive", func() error {
		_, err := plain.Read(make([]byte, 1))
		return err
	})

	x.Step("the servers' hosts crash, and come back without their connections")
	link.Reboot(x, plainServer, plain)
	link.Reboot(x, probedServer, probing)
	x.Step("one client turns keepalive on") // not earlier: a probe during the crash would get no answer
	require.NoError(t, probing.SetKeepAliveConfig(patient))
	require.Equal(t, patient, kernel.Keepalive(x, probing))
	_, err := probing.Read(make([]byte, 1))
	took := time.Since(begun)
	x.Outcome(harness.Client, "Read with keepalive: %v", cause(err))

	assert.ErrorIs(t, err, unix.ECONNRESET)
	x.AssertAtLeast(took, patient.Idle-harness.Tick())
	info := kernel.ReadTCPInfo(x, harness.Client, probing)
	assert.Equal(t, 1, info.Probes, "only the first of %d probes should be sent", patient.Count)
	read.AssertStillWaiting()
	assert.Equal(t, kernel.Established, kernel.ReadTCPInfo(x, harness.Client, plain).State, "state of the connection without keepalive")
}

// TestFirstWriteToRebootedPeerSucceeds: after the peer's host has crashed and rebooted, the first Write succeeds: our
// kernel takes the data, and the host answers the data with a reset. The next call, Read or Write, returns ECONNRESET. Every
// Write after that call returns EPIPE.
//
// Claim: Beyond the chapter.
//
// Source: TestReadWaitsForRebootedPeer shows that a Read that already waits during the first Write returns ECONNRESET.
//
// Predict: the server's host has crashed and rebooted; the client writes three times, and reads nothing; what do the Writes return?
//   - [ ] ECONNRESET, EPIPE, EPIPE
//   - [x] no error, ECONNRESET, EPIPE
//   - [ ] no error, EPIPE, EPIPE
//   - [ ] no error, three times
func TestFirstWriteToRebootedPeerSucceeds(t *testing.T) {
	t.Parallel()
	for _, next := range []struct {
		name string
		call func(*net.TCPConn) error
	}{{"Read", readByte}, {"Write", writeByte}} {
		t.Run("then a "+next.name, func(t *testing.T) {
			x := harness.Start(t, link.VanishingPeers)
			client, server := peer.PairNoKeepalive(x)
			x.Step("the server's host crashes, and comes back without the connection; the client writes")
			link.Reboot(x, server, client)
			err := writeByte(client)
			x.Outcome(harness.Client, "first Write: %v", cause(err))
			assert.NoError(t, err)

			x.Step("when the reset has come, the client calls %s", next.name)
			kernel.AwaitTCPInfo(x, harness.Client, client, func(i kernel.TCPInfo) bool { return i.State == kernel.Closed })
			err = next.call(client)
			x.Outcome(harness.Client, "%s: %v", next.name, cause(err))
			assert.ErrorIs(t, err, unix.ECONNRESET)
			for range 2 {
				err = writeByte(client)
				x.Outcome(harness.Client, "Write after that: %v", cause(err))
				assert.ErrorIs(t, err, unix.EPIPE)
			}
		})
	}
}

// TestDataInFlightSilencesProbes: while sent data is unacknowledged, no keepalive probe is sent, and keepalive does not
// find a vanished peer.
//
// Claim: K3.
// Verdict: holds if no data is in flight.
// Claim: K4.
// Verdict: holds if no data is in flight. While data is in flight, the connection ends only when the kernel stops
// retransmitting, by default after a quarter of an hour: see TestUnacknowledgedWriteFailsAfterQuarterHour.
//
// Source: TestUnacknowledgedWriteFailsAfterQuarterHour shows how long a connection with unacknowledged data lasts.
//
// Predict: keepalive is on, and a byte of ours is unacknowledged when the server's host vanishes; what does our kernel send?
//   - [ ] probes, after the idle time
//   - [x] the byte, again and again, and no probe
//   - [ ] the byte again, and probes as well
func TestDataInFlightSilencesProbes(t *testing.T) {
	x := harness.Start(t, link.VanishingPeers)
	x.Step("two clients connect")
	asking, askedServer := peer.PairNoKeepalive(x)
	begun := time.Now()
	idle, idleServer := peer.PairNoKeepalive(x)

	x.Step("the hosts of both servers vanish, and one client sends a request")
	link.Vanish(x, idleServer)
	link.Vanish(x, askedServer)
	_, err := asking.Write([]byte("?"))
	require.NoError(t, err)
	x.Step("both clients turn keepalive on") // not earlier: a probe sent before the request would stay unanswered
	for _, conn := range []*net.TCPConn{idle, asking} {
		require.NoError(t, conn.SetKeepAliveConfig(quickest))
		require.Equal(t, quickest, kernel.Keepalive(x, conn))
	}
	read := x.Begin(harness.Client, "Read after the request", func() error {
		_, err := asking.Read(make([]byte, 1))
		return err
	})
	_, err = idle.Read(make([]byte, 1))
	took := time.Since(begun)
	x.Outcome(harness.Client, "Read of the idle client: %v", cause(err))
	require.ErrorIs(t, err, unix.ETIMEDOUT)
	x.AssertAtLeast(took, deathAfter(quickest)-harness.Tick())

	read.AssertStillWaiting()
	info := kernel.ReadTCPInfo(x, harness.Client, asking)
	assert.Equal(t, kernel.Established, info.State)
	assert.Zero(t, info.Probes)
	assert.Positive(t, info.Retransmits)
}

// TestStalledReaderIsNoDeadPeer: when a peer stops reading, its window closes, but its kernel still answers window probes. So
// keepalive does not end the connection, and a Write with neither a deadline nor TCP_USER_TIMEOUT goes on waiting.
//
// Claim: K4.
// Verdict: holds, but a peer whose kernel answers window probes is not declared dead, even if its program reads nothing.
//
// Predict: keepalive is on, and the server's program stops reading; how does the client's Write of 32 MiB end?
//   - [ ] ETIMEDOUT, after the probes
//   - [ ] it succeeds: the kernels keep the bytes
//   - [ ] EPIPE, once the window is closed
//   - [x] not at all
func TestStalledReaderIsNoDeadPeer(t *testing.T) {
	x := harness.Start(t, link.VanishingPeers)
	x.Step("two clients connect, and turn keepalive on")
	writing := peer.DialNoKeepalive(x, peer.Stalled(x).Address)
	begun := time.Now()
	idle, idleServer := peer.PairNoKeepalive(x)
	for _, conn := range []*net.TCPConn{writing, idle} {
		require.NoError(t, conn.SetKeepAliveConfig(quickest))
		require.Equal(t, quickest, kernel.Keepalive(x, conn))
	}

	x.Step("one client writes %d MiB, which nobody reads; the host of the other client's server vanishes", moreThanBuffersHold>>20)
	write := x.Begin(harness.Client, "Write", func() error {
		_, err := writing.Write(make([]byte, moreThanBuffersHold))
		return err
	})
	link.Vanish(x, idleServer)
	_, err := idle.Read(make([]byte, 1))
	took := time.Since(begun)
	x.Outcome(harness.Client, "Read from the vanished server: %v", cause(err))
	require.ErrorIs(t, err, unix.ETIMEDOUT)
	x.AssertAtLeast(took, deathAfter(quickest)-harness.Tick())

	write.AssertStillWaiting()
	// All that was sent is acknowledged, and the rest is unsent. The client's kernel probes the window, at growing intervals.
	info := kernel.AwaitTCPInfo(x, harness.Client, writing, func(i kernel.TCPInfo) bool { return i.Unacked == 0 && i.Backoff > 0 })
	assert.Equal(t, kernel.Established, info.State)
	assert.Positive(t, kernel.Unacknowledged(x, writing), "unsent bytes should wait for the window to open")
}

// TestWriteAfterUnansweredProbeStopsProbes: data that is written after a keepalive probe has gone unanswered stops
// the remaining probes. So the connection outlasts idle + count × interval, although one more unanswered probe would have
// ended it.
//
// Claim: K4.
// Verdict: holds if the program writes nothing before the last probe has gone unanswered.
//
// Source: TestUnacknowledgedWriteFailsAfterQuarterHour shows when the retransmissions run out.
//
// Predict: the probe count is 2, and one probe has gone unanswered; then the program writes; when does the connection time out?
//   - [ ] when the second probe has gone unanswered as well
//   - [ ] two probes after the write: the count begins anew
//   - [x] later than without the write, which has stopped the probes
func TestWriteAfterUnansweredProbeStopsProbes(t *testing.T) {
	x := harness.Start(t, link.VanishingPeers)
	twice := net.KeepAliveConfig{Enable: true, Idle: 1 * time.Second, Interval: 1 * time.Second, Count: 2}
	x.Step("two clients connect, and turn keepalive on")
	writing, writingServer := peer.PairNoKeepalive(x)
	begun := time.Now()
	idle, idleServer := peer.PairNoKeepalive(x)
	for _, conn := range []*net.TCPConn{writing, idle} {
		require.NoError(t, conn.SetKeepAliveConfig(twice))
		require.Equal(t, twice, kernel.Keepalive(x, conn))
	}

	x.Step("the hosts of both servers vanish; after the first probe, one client writes")
	link.Vanish(x, writingServer)
	link.Vanish(x, idleServer)
	kernel.AwaitTCPInfo(x, harness.Client, writing, func(i kernel.TCPInfo) bool { return i.Probes > 0 })
	_, err := writing.Write([]byte("?"))
	require.NoError(t, err)
	probes := kernel.ReadTCPInfo(x, harness.Client, writing).Probes
	read := x.Begin(harness.Client, "Read after the request", func() error {
		_, err := writing.Read(make([]byte, 1))
		return err
	})
	_, err = idle.Read(make([]byte, 1))
	took := time.Since(begun)
	x.Outcome(harness.Client, "Read of the idle client: %v", cause(err))
	require.ErrorIs(t, err, unix.ETIMEDOUT)
	x.AssertAtLeast(took, deathAfter(twice)-harness.Tick())

	kernel.AwaitTCPInfo(x, harness.Client, writing, func(i kernel.TCPInfo) bool { return i.LastReceived > deathAfter(twice) })
	read.AssertStillWaiting()
	info := kernel.ReadTCPInfo(x, harness.Client, writing)
	assert.Equal(t, kernel.Established, info.State)
	assert.Equal(t, probes, info.Probes, "no probe should have been sent since the write")
	assert.Positive(t, info.Retransmits)
}
