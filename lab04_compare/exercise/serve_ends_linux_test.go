package exercise_test

import (
	"errors"
	"fmt"
	"net"
	"os"
	"time"

	"socketlabs/harness/grading"
	"socketlabs/harness/kernel"
	"socketlabs/harness/story"
	"socketlabs/lab04_compare/exercise"
)

// howItEnds is what ends a Serve.
type howItEnds string

const (
	byContext  howItEnds = "ctx ends"
	byListener howItEnds = "somebody closes the listener"
)

func (h howItEnds) sentence() string {
	return map[howItEnds]string{byContext: "stop", byListener: "result"}[h]
}

// awaitAll is await where the limits give the machine no excuse.
func (s *siege) awaitAll() {
	s.t.Helper()
	if perhaps := s.await(); perhaps != nil {
		s.g.Expect(false, *perhaps)
	}
}

// expectEnd brings clients into every state that the server may wait in, and ends it.
func (v *server) expectEnd(how howItEnds) {
	v.t.Helper()
	v.g.Step("clients are idle, in the middle of a question, waiting for an answer, and not reading theirs; %s", how)
	var waiting []*client
	var held *plan
	v.begin(script{"has asked", func(c *client) {
		c.ask("line", grading.Text(10))
		idle := c.connect("is idle when " + string(how))
		asking := c.connect("is in the middle of a question when " + string(how))
		asking.sendHalf(how.sentence())
		stuck := c.connect("does not read its answer when " + string(how))
		stuck.askMuch()
		computing := c.connect("waits for an answer when " + string(how))
		question := grading.Text(10)
		held = computing.hold(question)
		computing.send(question + "\n")
		computing.awaitAsked(held)
		waiting = []*client{idle, asking}
	}})
	v.awaitAll()
	v.mayReturn = true
	v.g.Prepare("the end of Serve", func() { endServing.On(v.g, toEnd{v.handle, how == byListener}) })
	for _, c := range waiting {
		v.scripts.Go(func() { c.expectClosed(how.sentence()) })
	}
	v.awaitAll()
	const moment = 50 * time.Millisecond
	v.serving.Waits(moment, grading.Finding{
		Sentence: "waits",
		Mistake:  "Serve returns while one of its goroutines still runs: it is in the function answer",
		Expected: "it returns when all of them have ended",
		Seen:     fmt.Sprintf("it returns: %v", v.err),
	})
	close(held.goOn)
	v.expectReturn(how)
}

// expectClosed expects that nothing more comes.
func (c *client) expectClosed(sentence string) {
	for {
		_, err := c.read()
		if errors.Is(err, os.ErrDeadlineExceeded) {
			c.fail(grading.Finding{
				Sentence: sentence,
				Mistake:  "a connection stays open: that of a client that " + c.what,
				Expected: "all connections are closed at once",
				Seen:     "it is open after " + story.Duration(c.longest()),
				Read:     "lab01_timeout/TestPastDeadlineFreesBlockedRead",
			})
		}
		if err != nil {
			return
		}
	}
}

// expectReturn expects what a server returns, and that it no longer listens.
func (v *server) expectReturn(how howItEnds) {
	v.t.Helper()
	v.serving.Wait(0, grading.Finding{
		Sentence: how.sentence(),
		Mistake:  "Serve does not return when " + string(how),
		Expected: "it closes the listener and the connections, and returns: no client is a reason to wait",
		Read:     "lab01_timeout/TestPastDeadlineFreesBlockedRead",
	})
	f := grading.Finding{
		Sentence: "result",
		Mistake:  "the end that was asked for passes for an error",
		Expected: "Serve returns nil when ctx ends",
		Seen:     fmt.Sprint(v.err),
		Read:     "lab01_timeout/TestErrorsTellSlowFromDead",
	}
	want := error(nil)
	if how == byListener {
		want = net.ErrClosed
		f.Mistake = "the failure of the listener isn't told"
		f.Expected = "Serve returns the listener's error"
	}
	v.g.Expect(errors.Is(v.err, want), f)
	conn, err := net.Dial("tcp", v.address)
	if err == nil {
		conn.Close()
	}
	v.g.Expect(err != nil, grading.Finding{
		Sentence: "stop",
		Mistake:  "Serve returns and leaves the listener open",
		Expected: "nobody listens any more",
		Seen:     "a client can connect",
	})
}

// endsAtOnce: there was no time for anything.
func (s *siege) endsAtOnce() {
	s.t.Helper()
	s.g.Step("a server begins when its context has ended")
	v := s.listen(exercise.Limits{Question: time.Hour, Answer: time.Hour, Quiet: time.Hour}, false)
	v.mayReturn = true
	v.stop()
	v.serve()
	v.expectReturn(byContext)
}

// expectGone waits until the kernel has nothing left of the client: not before a time since it sent something last,
// and not long after another.
func (c *client) expectGone(sentence string, least, most time.Duration) {
	address := [2]string{c.address, c.conn.LocalAddr().String()}
	for began := time.Now(); ; c.pass(10 * time.Millisecond) {
		now := c.tableSince(began)
		switch state := now.states[address]; {
		case now.states == nil:
		case state != "" && time.Since(c.since) > most+grading.Patience:
			c.failHeld(sentence, state)
		case state != "":
		case now.to.Sub(c.since) < least:
			c.fail(grading.Finding{
				Sentence: sentence,
				Mistake:  "a client is dropped before its time is over: one that " + c.what,
				Expected: "the server waits for " + story.Duration(least),
				Seen:     "it is dropped after " + story.Duration(now.to.Sub(c.since)),
			})
		default:
			c.expectInTime(sentence, "a client is dropped late: one that "+c.what, most)
			return
		}
	}
}

func (c *client) failHeld(sentence string, state kernel.SocketState) {
	f := grading.Finding{
		Sentence: sentence,
		Mistake:  "a client is held that " + c.what,
		Expected: "nothing is left of it",
		Seen:     fmt.Sprintf("its connection is %s, %s after it sent something last", state, story.Duration(time.Since(c.since).Round(time.Second))),
		Read:     "lab03_keepalive/TestKeepaliveGivesHalfOpenConnectionsBack",
	}
	if state != kernel.Established && state != kernel.CloseWait {
		f.Sentence = "gone"
		f.Mistake = "the program has let go of a client, and the kernel has not: one that " + c.what
		f.Read = "lab02_reuseaddr/TestLingerZeroLosesData"
	}
	c.fail(f)
}
