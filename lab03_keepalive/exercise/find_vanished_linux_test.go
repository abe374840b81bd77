package exercise_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"socketlabs/harness"
	"socketlabs/harness/grading"
	"socketlabs/harness/kernel"
	"socketlabs/harness/link"
	"socketlabs/harness/peer"
	"socketlabs/harness/story"
	"socketlabs/lab03_keepalive/exercise"
)

// TestFindVanished: a peer that has vanished is found within the time given, and not far too early; one
// that is there is kept.
//
// Points: 10
// Read: TestKeepaliveFindsVanishedPeer, TestLimitsOfSettings, TestDialerHidesRefusedSettings, TestUserTimeoutOverridesProbeCount
// Hint: Three settings make the time together. TestKeepaliveFindsVanishedPeer has the sum.
// Hint: net.KeepAliveConfig has all three, and a fourth field that one forgets. What is zero in it does not mean zero.
// Hint: The kernel counts whole seconds, and Go rounds up what is none. Divide seconds, not durations, and give the rest to the idle time.
// Hint: The kernel refuses more than 32767 seconds for the idle time, and for the interval too; but not for their sum.
func TestFindVanished(t *testing.T) {
	g := grading.Start(t, link.VanishingPeers)
	f := &finding{t: t, g: g}
	short := time.Duration(3+rand.IntN(2)) * time.Second
	watched := f.begin(short)
	for _, within := range []time.Duration{
		3 * time.Second,
		time.Duration(5+rand.IntN(50)) * time.Second,
		time.Duration(60+rand.IntN(7000)) * time.Second,
		24 * time.Hour,
	} {
		f.readsBack(within)
	}
	f.refused()
	f.end(watched)
}

// finding is the student's code at work.
type finding struct {
	t *testing.T
	g *grading.Grader
}

// set lets the student's code choose the settings of a connection.
func (f *finding) set(conn *net.TCPConn, within time.Duration) (err error) {
	f.t.Helper()
	f.g.Call("FindVanished", 0, grading.Finding{
		Mistake:  "it waits itself",
		Expected: "FindVanished chooses settings, and returns at once: the kernel does the rest",
		Read:     "lab03_keepalive/TestLivePeerAnswersUnseen",
	}, func() { err = exercise.FindVanished(conn, within) })
	return err
}

// death is when the kernel gives up a peer, by the settings of a connection: see TestKeepaliveFindsVanishedPeer,
// and TestUserTimeoutOverridesProbeCount.
func (f *finding) death(conn *net.TCPConn) (settings net.KeepAliveConfig, probes int, after time.Duration) {
	f.t.Helper()
	settings, probes = kernel.Keepalive(f.g.Experiment, conn), kernel.Keepalive(f.g.Experiment, conn).Count
	if userTimeout := userTimeoutOf(f.t, conn); userTimeout > 0 {
		beyond := max(userTimeout-settings.Idle, 1)
		probes = int((beyond + settings.Interval - 1) / settings.Interval)
	}
	return settings, probes, settings.Idle + time.Duration(probes)*settings.Interval
}

func inWords(settings net.KeepAliveConfig, after time.Duration) string {
	return fmt.Sprintf("after %s idle, %s, %s apart: dead after %s",
		story.Duration(settings.Idle), story.Count(settings.Count, "probe"), story.Duration(settings.Interval), story.Duration(after))
}

// readsBack judges the settings for a time, as the kernel has them.
func (f *finding) readsBack(within time.Duration) {
	f.t.Helper()
	f.g.Step("a peer is to be found within %v", within)
	client, _ := peer.PairNoKeepalive(f.g.Experiment)
	f.judge(client, within, f.set(client, within))
}

func (f *finding) judge(client *net.TCPConn, within time.Duration, err error) {
	f.t.Helper()
	f.g.Expect(err == nil, grading.Finding{
		Mistake:  "the kernel refuses a setting",
		Expected: "settings that it takes, for " + story.Duration(within),
		Seen:     fmt.Sprint(err),
		Read:     "lab03_keepalive/TestLimitsOfSettings",
	})
	settings, probes, after := f.death(client)
	f.g.Outcome(harness.Client, "%s", inWords(settings, after))
	f.g.Expect(settings.Enable, grading.Finding{
		Mistake:  "keepalive is off: settings alone send no probes",
		Expected: "a connection that is probed",
		Seen:     fmt.Sprintf("the kernel has %+v", settings),
		Read:     "lab03_keepalive/TestSampleOptionByOption",
	})
	f.g.Expect(after <= within, grading.Finding{
		Mistake:  "the peer is found too late",
		Expected: fmt.Sprintf("dead no later than %s after it was last heard", story.Duration(within)),
		Seen:     inWords(settings, after),
		Read:     "lab03_keepalive/TestKeepaliveFindsVanishedPeer",
	})
	f.g.Expect(after >= within/2, grading.Finding{
		Mistake:  "the peer is given up far too early",
		Expected: fmt.Sprintf("dead no sooner than %s after it was last heard", story.Duration(within/2)),
		Seen:     inWords(settings, after),
		Read:     "lab03_keepalive/TestOutageShorterThanProbesIsSurvived",
	})
	f.g.Expect(probes >= 2, grading.Finding{
		Mistake:  "one lost segment kills a connection whose peer is there",
		Expected: "a second probe, if the first goes unanswered",
		Seen:     fmt.Sprintf("the only probe is the last: the kernel has %+v", settings),
		Read:     "lab03_keepalive/TestOutageShorterThanProbesIsSurvived",
	})
}

// refused: a connection that is closed takes no settings.
func (f *finding) refused() {
	f.t.Helper()
	f.g.Step("the connection is closed already")
	client, _ := peer.PairNoKeepalive(f.g.Experiment)
	require.NoError(f.t, client.Close())
	err := f.set(client, time.Minute)
	f.g.Expect(err != nil, grading.Finding{
		Mistake:  "an error is lost: the caller believes that the connection is watched",
		Expected: "the error of what failed",
		Seen:     "no error",
		Read:     "lab03_keepalive/TestDialerHidesRefusedSettings",
	})
}

// watched are two connections, of which one has lost its peer.
type watched struct {
	within             time.Duration
	begun              time.Time
	idle, lost         *net.TCPConn
	idlePeer           *net.TCPConn
	idleRead, lostRead *harness.Call
}

// begin sets two connections up and makes the peer of one vanish.
func (f *finding) begin(within time.Duration) *watched {
	f.t.Helper()
	w := &watched{within: within}
	var lostPeer *net.TCPConn
	f.g.Step("two servers are silent, and to be missed after %v; the host of one vanishes", within)
	w.begun = time.Now()
	w.idle, w.idlePeer = peer.PairNoKeepalive(f.g.Experiment)
	w.lost, lostPeer = peer.PairNoKeepalive(f.g.Experiment)
	for _, conn := range []*net.TCPConn{w.idle, w.lost} {
		f.judge(conn, within, f.set(conn, within))
	}
	link.Vanish(f.g.Experiment, lostPeer)
	w.idleRead = f.g.Begin(harness.Client, "Read from the server that is there", func() error { return readByte(w.idle) })
	w.lostRead = f.g.Begin(harness.Client, "Read from the one that vanished", func() error { return readByte(w.lost) })
	return w
}

// end waits until the kernel has given the lost peer up.
func (f *finding) end(w *watched) {
	f.t.Helper()
	f.g.Step("%v are over since the servers were last heard", w.within)
	found := grading.Finding{
		Mistake:  "the kernel does not give the vanished peer up",
		Expected: fmt.Sprintf("Read fails with ETIMEDOUT, %s to %s after the peer was last heard", story.Duration(w.within/2), story.Duration(w.within)),
		Seen:     "Read still waits",
		Read:     "lab03_keepalive/TestKeepaliveFindsVanishedPeer",
	}
	f.g.Expect(w.lostRead.ReturnsWithin(w.within+grading.Patience), found)
	err := w.lostRead.Wait()
	f.g.Expect(errors.Is(err, unix.ETIMEDOUT), endedBy(err, found))
	kernel.AwaitTCPInfo(f.g.Experiment, harness.Client, w.idle, func(i kernel.TCPInfo) bool {
		return i.State != kernel.Established || time.Since(w.begun) > w.within+time.Second
	})
	w.idlePeer.Write([]byte("!")) // fails if the connection was reset, and so does the read
	kept := grading.Finding{
		Mistake:  "a peer that is there, and was silent, is lost too",
		Expected: "its next word is read",
		Seen:     "it is not read",
		Read:     "lab03_keepalive/TestLivePeerAnswersUnseen",
	}
	f.g.Expect(w.idleRead.ReturnsWithin(grading.Patience), kept)
	err = w.idleRead.Wait()
	f.g.Expect(err == nil, endedBy(err, kept))
}
