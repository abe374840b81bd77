package exercise_test

import (
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"socketlabs/harness"
	"socketlabs/harness/grading"
	"socketlabs/harness/kernel"
	"socketlabs/harness/link"
	"socketlabs/harness/story"
)

// dying is a connection whose peer has vanished while something was under way.
type dying struct {
	*reading
	b     *bounding
	c     *conn
	limit time.Duration
}

// die makes the peer vanish, and sends a word to it.
func (b *bounding) die(limit time.Duration) *dying {
	b.g.T().Helper()
	b.g.Step("the limit is %v; a server vanishes, a word is sent to it, and the client waits for the answer", limit)
	c := connect(b.g, grading.AnyHost())
	b.bound(c, limit)
	link.Vanish(b.g.Experiment, c.peer)
	began := time.Now()
	c.mustWrite(grading.Text(10))
	d := &dying{reading: c.read(), b: b, c: c, limit: limit}
	d.begun = began
	return d
}

// judge waits until the connection is dead.
func (d *dying) judge() {
	d.b.g.T().Helper()
	f := grading.Finding{
		Sentence: "bounded",
		Mistake:  "the connection does not time out although data is unacknowledged",
		Expected: "Read fails with ETIMEDOUT soon after " + story.Duration(d.limit),
		Read:     "lab03_keepalive/TestUserTimeoutBoundsDataInFlight",
	}
	d.Wait(d.limit, f)
	f = endedBy(d.err, f)
	d.b.g.Expect(errors.Is(d.err, unix.ETIMEDOUT), f)
	f.Mistake, f.Expected, f.Seen = "the connection is given up before the limit", "not before "+story.Duration(d.limit), "after "+story.Duration(d.took)
	d.b.g.Expect(d.took >= d.limit-harness.Tick(), f)
}

// outage is a connection whose peer is away while something is under way.
type outage struct {
	b     *bounding
	c     *conn
	limit time.Duration
	word  string
	begun time.Time
}

func (b *bounding) away(limit time.Duration) *outage {
	b.g.T().Helper()
	b.g.Step("the limit is %v; a server is away for a second, while a word is sent to it", limit)
	o := &outage{b: b, c: connect(b.g, grading.AnyHost()), limit: limit, word: grading.Text(10), begun: time.Now()}
	b.bound(o.c, limit)
	link.Vanish(b.g.Experiment, o.c.peer)
	o.c.mustWrite(o.word)
	return o
}

func (o *outage) survives() {
	o.b.g.T().Helper()
	info := kernel.AwaitTCPInfo(o.b.g.Experiment, harness.Client, o.c.socket, func(i kernel.TCPInfo) bool {
		return i.State != kernel.Established || i.Retransmits > 1 && time.Since(o.begun) > time.Second
	})
	o.b.g.Expect(info.State == kernel.Established, grading.Finding{
		Sentence: "not-earlier",
		Mistake:  "the connection is given up before the limit",
		Expected: "after a second it lives still: the limit is " + story.Duration(o.limit),
		Seen:     fmt.Sprintf("after %s it is dead; kernel: %v", story.Duration(time.Since(o.begun)), info),
		Read:     "lab03_keepalive/TestUserTimeoutBoundsDataInFlight",
	})
	link.Return(o.b.g.Experiment, o.c.peer)
	got := make([]byte, len(o.word))
	require.NoError(o.b.g.T(), o.c.peer.SetReadDeadline(time.Now().Add(grading.Patience)))
	_, err := io.ReadFull(o.c.peer, got)
	require.NoError(o.b.g.T(), err)
	require.Equal(o.b.g.T(), o.word, string(got))
}

// idle is a connection on which nothing is under way, and its peer is away.
type idle struct {
	b     *bounding
	c     *conn
	limit time.Duration
	read  *reading
}

func (b *bounding) leaveIdle(limit time.Duration) *idle {
	b.g.T().Helper()
	b.g.Step("the limit is %v; a word was sent and acknowledged; the server does not answer yet, and goes away", limit)
	i := &idle{b: b, c: connect(b.g, grading.AnyHost()), limit: limit}
	b.bound(i.c, limit)
	i.c.mustWrite(grading.Text(10))
	kernel.AwaitTCPInfo(b.g.Experiment, harness.Client, i.c.socket, func(i kernel.TCPInfo) bool { return i.Unacked == 0 })
	link.Vanish(b.g.Experiment, i.c.peer)
	i.read = i.c.read()
	return i
}

// isAsItWas: the peer has been away for longer than the limit, and is back.
func (i *idle) isAsItWas() {
	i.b.g.T().Helper()
	i.b.g.Step("the server that was silent, and away, is back; it answers, and the client says a word more")
	kept := grading.Finding{
		Sentence: "kept",
		Mistake:  "a connection is lost on which everything was acknowledged",
		Expected: fmt.Sprintf("nothing was under way, so %s means nothing to it: the answer is read", story.Duration(i.limit)),
		Seen:     "Read returned before there was an answer",
		Read:     "lab03_keepalive/TestUserTimeoutAloneLeavesIdleConnection",
	}
	i.read.Waits(max(0, 3*i.limit-time.Since(i.read.begun)), kept)
	link.Return(i.b.g.Experiment, i.c.peer)
	i.c.peer.Write([]byte("!")) // fails if the connection was reset, and so does the read
	kept.Seen = ""
	i.read.Wait(0, kept)
	i.b.g.Expect(i.read.err == nil, endedBy(i.read.err, kept))
	err := i.c.write(grading.Text(10))
	i.b.g.Expect(err == nil, grading.Finding{
		Sentence: "nothing-else",
		Mistake:  "later data can't be sent: a deadline has passed",
		Expected: "an idle connection can be written to, whenever",
		Seen:     fmt.Sprintf("Write: %v", err),
		Read:     "lab01_timeout/TestExpiredDeadlineFailsEvenWithDataReady",
	})
}
