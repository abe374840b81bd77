package lab04_compare

import (
	"io"
	"net"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"socketlabs/harness"
	"socketlabs/harness/kernel"
	"socketlabs/harness/peer"
	"socketlabs/harness/process"
)

// TestTimeoutDropsHealthyIdlePeer: a read deadline that is used as a liveness check fires on a healthy idle peer.
// Keepalive probes such a peer, gets an answer, and keeps the connection.
//
// Claim: C2, C4.
// Verdict: holds.
//
// Predict: two servers are healthy and silent; one client has a read deadline of 2 s, the other has keepalive; which client stays connected?
//   - [ ] both
//   - [ ] the client with the deadline
//   - [x] the client with keepalive
//   - [ ] neither
func TestTimeoutDropsHealthyIdlePeer(t *testing.T) {
	x := harness.Start(t, harness.Linux)
	const patience = 2 * time.Second
	guessing, dropped := peer.PairNoKeepalive(x)
	asking, kept := peer.PairNoKeepalive(x)
	probe := net.KeepAliveConfig{Enable: true, Idle: time.Second, Interval: time.Second, Count: 1}
	require.NoError(t, asking.SetKeepAliveConfig(probe))
	require.Equal(t, probe, kernel.Keepalive(x, asking))
	before := kernel.ReadTCPInfo(x, harness.Client, asking)
	reading := x.Begin(harness.Client, "Read with keepalive", func() error {
		_, err := asking.Read(make([]byte, 1))
		return err
	})

	x.Step("one client has keepalive; another one gives up on its server after %v of silence", patience)
	begun := time.Now()
	require.NoError(t, guessing.SetReadDeadline(begun.Add(patience)))
	_, err := guessing.Read(make([]byte, 1))
	took := time.Since(begun)
	x.Outcome(harness.Client, "Read with a deadline: %v", err)
	assert.ErrorIs(t, err, os.ErrDeadlineExceeded)
	x.AssertAtLeast(took, patience)
	require.NoError(t, guessing.Close())
	_, err = dropped.Read(make([]byte, 1))
	x.Outcome(harness.Server, "Read: %v; the server is healthy, and its client has closed the connection", err)
	assert.ErrorIs(t, err, io.EOF)

	reading.AssertStillWaiting()
	after := kernel.ReadTCPInfo(x, harness.Client, asking)
	assert.Greater(t, after.SegmentsIn, before.SegmentsIn, "keepalive should have probed, and the probe should have been answered")
	x.Step("the other server sends a byte")
	_, err = kept.Write([]byte("!"))
	require.NoError(t, err)
	assert.NoError(t, reading.Wait())
}

// TestKeepaliveDoesNotBoundSlowAnswer: with keepalive, a read waits for a slow server for as long as the server's host
// answers probes; a read deadline ends the wait and leaves the connection usable.
//
// Claim: C1, C4.
// Verdict: holds.
//
// Source: TestLateAnswerIsTakenForTheNext shows a client that sends its next request after a timeout, on the same
// connection. The client reads the late answer first.
//
// Predict: keepalive finds a dead host after 2 s, but the server is alive, and only slow; when does Read return?
//   - [ ] after 2 s, with ETIMEDOUT
//   - [ ] after 2 s, with os.ErrDeadlineExceeded
//   - [x] when the server answers, however late
func TestKeepaliveDoesNotBoundSlowAnswer(t *testing.T) {
	x := harness.Start(t, harness.Linux)
	const (
		idle, interval, count = 1 * time.Second, 1 * time.Second, 1
		patience              = idle + count*interval // the read deadline; keepalive would have found a dead host by then
	)
	patient, slow := peer.PairNoKeepalive(x)
	impatient, alsoSlow := peer.PairNoKeepalive(x)
	probe := net.KeepAliveConfig{Enable: true, Idle: idle, Interval: interval, Count: count}
	require.NoError(t, patient.SetKeepAliveConfig(probe))
	require.Equal(t, probe, kernel.Keepalive(x, patient))
	before := kernel.ReadTCPInfo(x, harness.Client, patient)
	reading := x.Begin(harness.Client, "Read with keepalive", func() error {
		_, err := patient.Read(make([]byte, 1))
		return err
	})

	x.Step("one client has keepalive; another one waits at most %v for its slow server", patience)
	begun := time.Now()
	require.NoError(t, impatient.SetReadDeadline(begun.Add(patience)))
	_, err := impatient.Read(make([]byte, 1))
	took := time.Since(begun)
	x.Outcome(harness.Client, "Read with a deadline: %v", err)
	assert.ErrorIs(t, err, os.ErrDeadlineExceeded)
	x.AssertAtLeast(took, patience)
	reading.AssertStillWaiting()
	after := kernel.ReadTCPInfo(x, harness.Client, patient)
	assert.Greater(t, after.SegmentsIn, before.SegmentsIn, "keepalive should have probed, and the probe should have been answered")

	x.Step("both servers answer")
	for _, server := range []*net.TCPConn{slow, alsoSlow} {
		_, err := server.Write([]byte("!"))
		require.NoError(t, err)
	}
	assert.NoError(t, reading.Wait())
	require.NoError(t, impatient.SetReadDeadline(time.Time{}))
	_, err = impatient.Read(make([]byte, 1))
	assert.NoError(t, err, "the answer should still come: a timeout says nothing about the peer")
}

// TestHungApplicationAnswersProbes: when a process hangs (stopped with SIGSTOP), its kernel still answers
// keepalive probes, but a request to the application gets no answer.
//
// Claim: C2.
// Verdict: holds for the peer's host; keepalive says nothing about a process that hangs.
//
// Predict: a server's process hangs (SIGSTOP); which client notices: one with keepalive, or one that sends a request to the application and waits 2 s?
//   - [x] the client with the request
//   - [ ] the client with keepalive
//   - [ ] both
//   - [ ] neither: the kernel answers for the process
func TestHungApplicationAnswersProbes(t *testing.T) {
	x := harness.Start(t, harness.Linux, process.Processes)
	const (
		idle, interval, count = 1 * time.Second, 1 * time.Second, 1
		patience              = idle + count*interval
	)
	first, err := process.Start(x, answering)
	require.NoError(t, err)
	second, err := process.Start(x, answering)
	require.NoError(t, err)
	probing, pinging := peer.DialNoKeepalive(x, first.Address), peer.DialNoKeepalive(x, second.Address)
	probe := net.KeepAliveConfig{Enable: true, Idle: idle, Interval: interval, Count: count}
	require.NoError(t, probing.SetKeepAliveConfig(probe))
	require.Equal(t, probe, kernel.Keepalive(x, probing))

	x.Step("both servers hang (SIGSTOP); one client has keepalive, the other sends the application a request, and waits %v", patience)
	first.Stop()
	second.Stop()
	before := kernel.ReadTCPInfo(x, harness.Client, probing)
	reading := x.Begin(harness.Client, "Read with keepalive", func() error {
		_, err := probing.Read(make([]byte, 1))
		return err
	})
	_, err = pinging.Write([]byte("ping\n"))
	require.NoError(t, err)
	begun := time.Now()
	require.NoError(t, pinging.SetReadDeadline(begun.Add(patience)))
	_, err = pinging.Read(make([]byte, 1))
	took := time.Since(begun)
	x.Outcome(harness.Client, "after a request, Read: %v", err)
	assert.ErrorIs(t, err, os.ErrDeadlineExceeded)
	x.AssertAtLeast(took, patience)

	reading.AssertStillWaiting()
	after := kernel.ReadTCPInfo(x, harness.Client, probing)
	assert.Greater(t, after.SegmentsIn, before.SegmentsIn, "keepalive should have probed, and the probe should have been answered")
	x.Step("the server that has got the request goes on (SIGCONT)")
	second.Continue()
	require.NoError(t, pinging.SetReadDeadline(time.Time{}))
	_, err = pinging.Read(make([]byte, 1))
	assert.NoError(t, err)
}
