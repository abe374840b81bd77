package exercise_test

import (
	"errors"
	"fmt"
	"io"
	"net"
	"os"
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

// TestBoundUnacknowledged: what was sent stays unacknowledged no longer than the limit; while nothing is
// under way, the connection is left alone.
//
// Points: 10
// Read: TestUserTimeoutBoundsDataInFlight, TestDataInFlightSilencesProbes, TestUserTimeoutAloneLeavesIdleConnection, TestHungProcessLooksAlive, lab01_timeout/TestWriteDeadlineFreesWriter
// Hint: A write returns when this kernel has taken the data. Nothing that bounds the write bounds what comes after it.
// Hint: Keepalive is silent while data is under way. The option that is meant stands in tcp(7), beside it.
// Hint: net.TCPConn has no method for it: SyscallConn and Control lead to the descriptor, and unix.SetsockoptInt to the option.
// Hint: The option counts milliseconds, and 0 turns it off.
func TestBoundUnacknowledged(t *testing.T) {
	g := grading.Start(t, link.VanishingPeers)
	b := &bounding{t: t, g: g}
	limit := grading.Between(1000*time.Millisecond, 1600*time.Millisecond)
	idle := b.leaveIdle(limit)
	b.dies(limit)
	b.dies(300 * time.Microsecond)
	b.survivesOutage(30 * time.Second)
	b.findsIdleAsItWas(idle)
	b.refused()
}

// bounding is the student's code at work.
type bounding struct {
	t *testing.T
	g *grading.Grader
}

func (b *bounding) bound(conn *net.TCPConn, limit time.Duration) (err error) {
	b.t.Helper()
	b.g.Call("BoundUnacknowledged", 0, grading.Finding{
		Mistake:  "it waits itself",
		Expected: "BoundUnacknowledged returns at once: the kernel does the rest",
		Read:     "lab03_keepalive/TestUserTimeoutBoundsDataInFlight",
	}, func() { err = exercise.BoundUnacknowledged(conn, limit) })
	return err
}

func (b *bounding) pair(limit time.Duration) (client, server *net.TCPConn) {
	b.t.Helper()
	client, server = peer.PairNoKeepalive(b.g.Experiment)
	err := b.bound(client, limit)
	b.g.Expect(err == nil, grading.Finding{
		Mistake:  "the kernel refuses what it is asked for",
		Expected: "a connection with a limit of " + story.Duration(limit),
		Seen:     fmt.Sprint(err),
		Read:     "lab03_keepalive/TestUserTimeoutBoundsDataInFlight",
	})
	return client, server
}

// dies: the peer vanishes, and a word is sent to it.
func (b *bounding) dies(limit time.Duration) {
	b.t.Helper()
	b.g.Step("the limit is %v; a server vanishes, a word is sent to it, and the client waits for the answer", limit)
	begun := time.Now()
	client, server := b.pair(limit)
	link.Vanish(b.g.Experiment, server)
	_, err := io.WriteString(client, grading.Text(10))
	require.NoError(b.t, err)
	read := b.g.Begin(harness.Client, "Read", func() error { return readByte(client) })
	if !read.ReturnsWithin(limit + grading.Patience) {
		b.g.Expect(false, b.whyUnbounded(client, limit))
	}
	took, err := time.Since(begun), read.Wait()
	f := grading.Finding{
		Mistake:  "the connection does not die of what is unacknowledged",
		Expected: "Read fails with ETIMEDOUT: the kernel gives the connection up",
		Seen:     fmt.Sprintf("Read: %v", err),
		Read:     "lab03_keepalive/TestUserTimeoutBoundsDataInFlight",
	}
	if errors.Is(err, os.ErrDeadlineExceeded) {
		f.Mistake = "a call times out, and the connection lives on: data stays unacknowledged as before"
		f.Read = "lab01_timeout/TestTimeoutIsNoVerdictOnPeer"
	}
	b.g.Expect(errors.Is(err, unix.ETIMEDOUT), f)
	kernel.ReadTCPInfo(b.g.Experiment, harness.Client, client)
	b.g.Expect(took >= limit-harness.Tick(), grading.Finding{
		Mistake:  "the connection is given up before the limit",
		Expected: "no sooner than after " + story.Duration(limit),
		Seen:     "after " + story.Duration(took),
		Read:     "lab03_keepalive/TestUserTimeoutBoundsDataInFlight",
	})
}

// whyUnbounded says what there is instead of a bound.
func (b *bounding) whyUnbounded(client *net.TCPConn, limit time.Duration) grading.Finding {
	b.t.Helper()
	f := grading.Finding{
		Mistake:  "nothing bounds the time that data may stay unacknowledged",
		Expected: "the connection is dead soon after " + story.Duration(limit),
		Seen:     fmt.Sprintf("Read waits still; kernel: %v", kernel.ReadTCPInfo(b.g.Experiment, harness.Client, client)),
		Read:     "lab03_keepalive/TestDataInFlightSilencesProbes",
	}
	bound := userTimeoutOf(b.t, client)
	_, err := client.Write([]byte("?"))
	switch {
	case bound > 0:
		f.Mistake = "there is a bound, and it is another one: " + story.Duration(bound)
		f.Read = "lab03_keepalive/TestUserTimeoutBoundsDataInFlight"
	case kernel.Keepalive(b.g.Experiment, client).Enable:
		f.Mistake = "keepalive is no bound for this: it is silent while data is under way"
	case errors.Is(err, os.ErrDeadlineExceeded):
		f.Mistake = "a deadline for writes is no bound for this: the write was over when the kernel had the data"
		f.Read = "lab01_timeout/TestWriteDeadlineFreesWriter"
	case limit < time.Millisecond:
		f.Mistake = "a limit of less than a millisecond has become none at all"
		f.Read = "lab03_keepalive/TestUserTimeoutBoundsDataInFlight"
	}
	return f
}

// survivesOutage: the peer is away for less than the limit, long enough that the kernel sends again.
func (b *bounding) survivesOutage(limit time.Duration) {
	b.t.Helper()
	b.g.Step("the limit is %v; a server is away for a second, while a word is sent to it", limit)
	client, server := b.pair(limit)
	link.Vanish(b.g.Experiment, server)
	word := grading.Text(10)
	_, err := io.WriteString(client, word)
	require.NoError(b.t, err)
	away := time.Now()
	info := kernel.AwaitTCPInfo(b.g.Experiment, harness.Client, client, func(i kernel.TCPInfo) bool {
		return i.State != kernel.Established || i.Retransmits > 1 && time.Since(away) > time.Second
	})
	b.g.Expect(info.State == kernel.Established, grading.Finding{
		Mistake:  "the connection is given up before the limit",
		Expected: "after a second it lives still: the limit is " + story.Duration(limit),
		Seen:     fmt.Sprintf("after %s it is dead; kernel: %v", story.Duration(time.Since(away)), info),
		Read:     "lab03_keepalive/TestUserTimeoutBoundsDataInFlight",
	})
	link.Return(b.g.Experiment, server)
	got := make([]byte, len(word))
	_, err = io.ReadFull(server, got)
	require.NoError(b.t, err)
	require.Equal(b.t, word, string(got))
}

// idle is a connection on which nothing is under way, and its peer is away.
type idle struct {
	limit          time.Duration
	client, server *net.TCPConn
	read           *harness.Call
	begun          time.Time
}

func (b *bounding) leaveIdle(limit time.Duration) *idle {
	b.t.Helper()
	i := &idle{limit: limit}
	b.g.Step("the limit is %v; a word was sent and acknowledged; the server does not answer yet, and goes away", limit)
	i.begun = time.Now()
	i.client, i.server = b.pair(limit)
	_, err := io.WriteString(i.client, grading.Text(10))
	require.NoError(b.t, err)
	kernel.AwaitTCPInfo(b.g.Experiment, harness.Client, i.client, func(i kernel.TCPInfo) bool { return i.Unacked == 0 })
	link.Vanish(b.g.Experiment, i.server)
	i.read = b.g.Begin(harness.Client, "Read from the server that is silent", func() error { return readByte(i.client) })
	return i
}

func (b *bounding) findsIdleAsItWas(i *idle) {
	b.t.Helper()
	const longest = 3 * time.Second // no probes are as quick, by whole seconds, and no limit here as long
	b.g.Step("the server that was silent, and away, is back; it answers, and the client says a word more")
	kernel.AwaitTCPInfo(b.g.Experiment, harness.Client, i.client, func(info kernel.TCPInfo) bool {
		return info.State != kernel.Established || time.Since(i.begun) > longest
	})
	kept := grading.Finding{
		Mistake:  "an idle connection is watched, and lost",
		Expected: fmt.Sprintf("nothing was under way, so %s means nothing to it: the answer is read", story.Duration(i.limit)),
		Seen:     "Read still waits",
		Read:     "lab03_keepalive/TestUserTimeoutAloneLeavesIdleConnection",
	}
	link.Return(b.g.Experiment, i.server)
	i.server.Write([]byte("!")) // fails if the connection was reset, and so does the read
	b.g.Expect(i.read.ReturnsWithin(grading.Patience), kept)
	err := i.read.Wait()
	b.g.Expect(err == nil, endedBy(err, kept))
	_, err = io.WriteString(i.client, grading.Text(10))
	kept.Mistake = "a later word can't be sent: a deadline has passed"
	kept.Expected = "an idle connection can be written to, whenever"
	kept.Seen = fmt.Sprintf("Write: %v", err)
	kept.Read = "lab01_timeout/TestExpiredDeadlineFailsEvenWithDataReady"
	b.g.Expect(err == nil, kept)
}

// refused: on a connection that is closed nothing can be set.
func (b *bounding) refused() {
	b.t.Helper()
	b.g.Step("the connection is closed already")
	client, _ := peer.PairNoKeepalive(b.g.Experiment)
	require.NoError(b.t, client.Close())
	b.g.Expect(b.bound(client, time.Minute) != nil, grading.Finding{
		Mistake:  "an error is lost: the caller believes that there is a bound",
		Expected: "the error of what failed",
		Seen:     "no error",
		Read:     "lab03_keepalive/TestDialerHidesRefusedSettings",
	})
}
