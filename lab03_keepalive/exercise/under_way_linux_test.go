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

// dying is a connection with data in flight to a peer that has vanished.
type dying struct {
	*reading
	b     *bounding
	c     *conn
	limit time.Duration
}

// die makes the peer of a connection vanish, and sends data to it.
func (b *bounding) die(limit time.Duration) *dying {
	b.g.T().Helper()
	b.g.Step("the limit is %v; the server's host vanishes; the client sends a request, and waits for the answer", limit)
	c := connect(b.g, grading.AnyHost())
	b.bound(c, limit)
	link.Vanish(b.g.Experiment, c.peer)
	began := time.Now()
	c.mustWrite(grading.Text(10))
	d := &dying{reading: c.read(), b: b, c: c, limit: limit}
	d.begun = began
	return d
}

// judge waits until the connection has timed out.
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
	f.Sentence, f.Mistake = "not-earlier", "the connection ends before the limit"
	f.Expected, f.Seen = "not before "+story.Duration(d.limit), "after "+story.Duration(d.took)
	d.b.g.Expect(d.took >= d.limit-harness.Tick(), f)
}

// outage is a connection with data in flight to a peer that is unreachable for a time.
type outage struct {
	b     *bounding
	c     *conn
	limit time.Duration
	sent  string
	begun time.Time
}

// away makes the peer of a connection unreachable, and sends data to it.
func (b *bounding) away(limit time.Duration) *outage {
	b.g.T().Helper()
	b.g.Step("the limit is %v; the server's host is unreachable for a second, while the client sends data", limit)
	o := &outage{b: b, c: connect(b.g, grading.AnyHost()), limit: limit, sent: grading.Text(10), begun: time.Now()}
	b.bound(o.c, limit)
	link.Vanish(b.g.Experiment, o.c.peer)
	o.c.mustWrite(o.sent)
	return o
}

// survives expects that the connection is still open after a second. Then the peer is reachable again, and gets the data.
func (o *outage) survives() {
	o.b.g.T().Helper()
	info := kernel.AwaitTCPInfo(o.b.g.Experiment, harness.Client, o.c.socket, func(i kernel.TCPInfo) bool {
		return i.State != kernel.Established || i.Retransmits > 1 && time.Since(o.begun) > time.Second
	})
	o.b.g.Expect(info.State == kernel.Established, grading.Finding{
		Sentence: "not-earlier",
		Mistake:  "the connection ends before the limit",
		Expected: "after a second, it is still open: the limit is " + story.Duration(o.limit),
		Seen:     fmt.Sprintf("after %s, it has ended; kernel: %v", story.Duration(time.Since(o.begun)), info),
		Read:     "lab03_keepalive/TestUserTimeoutBoundsDataInFlight",
	})
	link.Return(o.b.g.Experiment, o.c.peer)
	got := make([]byte, len(o.sent))
	require.NoError(o.b.g.T(), o.c.peer.SetReadDeadline(time.Now().Add(grading.Patience)))
	_, err := io.ReadFull(o.c.peer, got)
	require.NoError(o.b.g.T(), err)
	require.Equal(o.b.g.T(), o.sent, string(got))
}

// idle is a connection without data in flight, whose peer is unreachable for a time.
type idle struct {
	b     *bounding
	c     *conn
	limit time.Duration
	read  *reading
}

// leaveIdle makes the peer of an idle connection unreachable.
func (b *bounding) leaveIdle(limit time.Duration) *idle {
	b.g.T().Helper()
	b.g.Step("the limit is %v; the client sends a request, which is acknowledged; then the server's host is unreachable for a time", limit)
	i := &idle{b: b, c: connect(b.g, grading.AnyHost()), limit: limit}
	b.bound(i.c, limit)
	i.c.mustWrite(grading.Text(10))
	kernel.AwaitTCPInfo(b.g.Experiment, harness.Client, i.c.socket, func(i kernel.TCPInfo) bool { return i.Unacked == 0 })
	link.Vanish(b.g.Experiment, i.c.peer)
	i.read = i.c.read()
	return i
}

// isAsItWas expects that the connection is still open. Its peer was unreachable for longer than the limit, and is back.
func (i *idle) isAsItWas() {
	i.b.g.T().Helper()
	i.b.g.Step("the server's host is reachable again; the server answers, and the client sends more data")
	kept := grading.Finding{
		Sentence: "kept",
		Mistake:  "a connection has ended, although all data was acknowledged",
		Expected: fmt.Sprintf("no data is in flight, so the limit of %s does not apply: Read returns the answer", story.Duration(i.limit)),
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
		Expected: "an idle connection can be written to at any time",
		Seen:     fmt.Sprintf("Write: %v", err),
		Read:     "lab01_timeout/TestExpiredDeadlineFailsEvenWithDataReady",
	})
}
