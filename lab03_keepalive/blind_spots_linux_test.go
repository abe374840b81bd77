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

// Both kernels together buffer a few MiB at most: tcp_wmem and tcp_rmem in tcp(7).
const moreThanBuffersHold = 32 << 20

// TestRebootedPeerAnswersFirstProbeWithReset: a host that has restarted does not know the connection;
// it answers the first probe, and that with a reset. Without a probe nothing tells.
//
// Claim: K3.
// Verdict: holds.
//
// Predict: the server's host has restarted, and keepalive may send nine probes; how many until the connection is over?
//   - [x] one
//   - [ ] nine
//   - [ ] none: the host tells by itself
func TestRebootedPeerAnswersFirstProbeWithReset(t *testing.T) {
	x := harness.Start(t, link.VanishingPeers)
	patient := net.KeepAliveConfig{Enable: true, Idle: 1 * time.Second, Interval: 1 * time.Second, Count: 9}
	begun := x.Step("two clients connect")
	plain, plainServer := peer.PairNoKeepalive(x)
	probing, probedServer := peer.PairNoKeepalive(x)
	read := x.Begin(harness.Client, "Read without keepalive", func() error {
		_, err := plain.Read(make([]byte, 1))
		return err
	})

	x.Step("the servers' hosts crash, and come back without their connections")
	link.Reboot(x, plainServer, plain)
	link.Reboot(x, probedServer, probing)
	x.Step("one client turns keepalive on") // no earlier: a probe during the crash would get no answer
	require.NoError(t, probing.SetKeepAliveConfig(patient))
	_, err := probing.Read(make([]byte, 1))
	x.Outcome(harness.Client, "Read with keepalive: %v", cause(err))

	assert.ErrorIs(t, err, unix.ECONNRESET)
	x.AssertNeverEarlier(begun, patient.Idle-harness.Tick())
	info := kernel.ReadTCPInfo(x, harness.Client, probing)
	assert.Equal(t, 1, info.Probes, "the first probe was to be the last, of %d", patient.Count)
	read.AssertStillWaiting()
	assert.Equal(t, kernel.Established, kernel.ReadTCPInfo(x, harness.Client, plain).State, "without keepalive")
}

// TestDataInFlightSilencesProbes: while anything that was sent is unacknowledged, no probe is sent,
// and keepalive finds nothing; how long that lasts, the retransmissions decide.
//
// Claim: K3.
// Verdict: holds if nothing is in flight: while anything that was sent is unacknowledged, no probe is
// sent.
// Claim: K4.
// Verdict: holds if nothing is in flight: a peer that vanishes with our last word unacknowledged is
// found by the retransmissions only, a quarter of an hour later.
//
// Predict: with keepalive, our last word is unacknowledged when the server's host vanishes; what is sent?
//   - [ ] probes, after the idle time
//   - [x] the word, again and again, and no probe
//   - [ ] the word again, and probes as well
func TestDataInFlightSilencesProbes(t *testing.T) {
	x := harness.Start(t, link.VanishingPeers)
	begun := x.Step("two clients connect")
	idle, idleServer := peer.PairNoKeepalive(x)
	asking, askedServer := peer.PairNoKeepalive(x)

	x.Step("the hosts of both servers vanish, and one client asks something")
	link.Vanish(x, idleServer)
	link.Vanish(x, askedServer)
	_, err := asking.Write([]byte("?"))
	require.NoError(t, err)
	x.Step("both turn keepalive on") // no earlier: a probe before the question would be one unanswered
	require.NoError(t, idle.SetKeepAliveConfig(quickest))
	require.NoError(t, asking.SetKeepAliveConfig(quickest))
	read := x.Begin(harness.Client, "Read of the one who asked", func() error {
		_, err := asking.Read(make([]byte, 1))
		return err
	})
	_, err = idle.Read(make([]byte, 1))
	x.Outcome(harness.Client, "Read of the one who was silent: %v", cause(err))
	require.ErrorIs(t, err, unix.ETIMEDOUT)
	x.AssertNeverEarlier(begun, deathAfter(quickest)-harness.Tick())

	read.AssertStillWaiting()
	info := kernel.ReadTCPInfo(x, harness.Client, asking)
	assert.Equal(t, kernel.Established, info.State)
	assert.Zero(t, info.Probes)
	assert.Positive(t, info.Retransmits)
}

// TestStalledReaderIsNoDeadPeer: a peer that stops reading closes its window, but its kernel answers;
// keepalive keeps still, and a write to it waits for ever.
//
// Claim: K4.
// Verdict: holds if it is not turned round: a peer that answers is not thereby of any use.
//
// Predict: the server's program stops reading; how does a Write of 32 MiB end, with keepalive?
//   - [ ] ETIMEDOUT, after the probes
//   - [ ] it succeeds: the kernels keep the bytes
//   - [ ] EPIPE, once the window is closed
//   - [x] not at all
func TestStalledReaderIsNoDeadPeer(t *testing.T) {
	x := harness.Start(t, link.VanishingPeers)
	begun := x.Step("two clients connect, with keepalive")
	writing := peer.DialNoKeepalive(x, peer.Stalled(x).Address)
	idle, idleServer := peer.PairNoKeepalive(x)
	require.NoError(t, writing.SetKeepAliveConfig(quickest))
	require.NoError(t, idle.SetKeepAliveConfig(quickest))

	x.Step("one writes %d MiB, which nobody reads; the other's server vanishes", moreThanBuffersHold>>20)
	write := x.Begin(harness.Client, "Write", func() error {
		_, err := writing.Write(make([]byte, moreThanBuffersHold))
		return err
	})
	link.Vanish(x, idleServer)
	_, err := idle.Read(make([]byte, 1))
	x.Outcome(harness.Client, "Read from the vanished server: %v", cause(err))
	require.ErrorIs(t, err, unix.ETIMEDOUT)
	x.AssertNeverEarlier(begun, deathAfter(quickest)-harness.Tick())

	write.AssertStillWaiting()
	// Nothing is in flight, and the client's kernel asks ever more seldom whether the window is open.
	info := kernel.AwaitTCPInfo(x, harness.Client, writing, func(i kernel.TCPInfo) bool { return i.Unacked == 0 && i.Backoff > 0 })
	assert.Equal(t, kernel.Established, info.State)
	assert.Positive(t, kernel.Unacknowledged(x, writing), "bytes that wait for the window to open")
}
