package exercise_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"socketlabs/harness"
	"socketlabs/harness/grading"
	"socketlabs/harness/peer"
	"socketlabs/harness/refuse"
	"socketlabs/harness/story"
	"socketlabs/lab04_compare/exercise"
)

// This file has what concerns accept: many clients, and calls of accept that fail.

// crowd is a client that waits for its answer, and 50 that ask after a long silence.
func crowd(limit time.Duration) []script {
	scripts := []script{{"waits for an answer that takes its time", func(c *client) { c.waitFor(limit * 12 / 10) }}}
	for range 50 {
		scripts = append(scripts, script{"connects, and says nothing", func(c *client) {
			c.pass(limit * 12 / 10)
			c.ask("together", grading.Text(10))
		}})
	}
	return scripts
}

// many is a client that comes with many others. All of them ask when all are connected: a server may serve the last one first.
func many() script {
	const others = 257
	return script{fmt.Sprintf("asks, and then %d others connect, and ask", others), func(c *client) {
		c.ask("line", grading.Text(10))
		var all []*client
		for range others {
			other := c.connect("comes when many others are connected, and silent")
			defer other.conn.Close()
			all = append(all, other)
		}
		for _, other := range slices.Backward(all) {
			other.ask("together", grading.Text(10))
		}
	}}
}

// asking is a client that asks while many others wait for their answers, and one more does not read its answer.
func asking() script {
	return script{"asks while others wait for their answers, or do not read them", func(c *client) {
		c.ask("line", grading.Text(10))
		first, second := grading.Text(10), grading.Text(10)
		c.send(first + "\n" + second + "\n")
		c.expect("at-once", first)
		c.expect("at-once", second)
		c.send(first + "\n" + second[:5])
		c.expect("at-once", first)
		c.send(second[5:] + "\n")
		c.expect("at-once", second)
		const others = 101
		for range others {
			other := c.connect("comes when others are connected, and silent")
			question := grading.Text(10)
			p := other.hold(question)
			other.send(question + "\n")
			other.awaitAsked(p)
			defer func() {
				close(p.goOn)
				other.expect("together", question)
				other.conn.Close()
			}()
		}
		stuck := c.connect("does not read its answer")
		defer stuck.conn.Close()
		stuck.askMuch()
		stuck.awaitFirstByte()
		c.ask("together", grading.Text(10))
		left := c.connect("leaves in the middle of a question")
		left.sendHalf("leaves")
		left.closeWrite()
		left.expectEnd("leaves")
		left.conn.Close()
		next := c.connect("comes when another has left in the middle of a question")
		defer next.conn.Close()
		next.ask("line", grading.Text(10))
	}}
}

// again is a client that asks again and again. The quickest answer counts.
func again() script {
	return script{"asks again and again", func(c *client) {
		const questions, long, tooLong = 60, time.Second, 15 * time.Millisecond
		quickest := time.Hour
		for i, began := 0, time.Now(); i < questions && time.Since(began) < long; i++ {
			c.ask("line", grading.Text(10))
			quickest = min(quickest, time.Since(c.since))
		}
		if quickest > tooLong {
			c.perhaps(grading.Finding{
				Sentence: "at-once", Mistake: "Serve keeps an answer for a while before it sends it", Expected: "it sends it when it has it",
				Seen: "the quickest of many answers takes " + story.Duration(quickest),
			})
		}
	}}
}

// asksLate asks when the client has been connected for long. The question comes at once, so a busy machine is no reason to fail.
func (c *client) asksLate() {
	question := grading.Text(10)
	c.send(question + "\n")
	if line, err := c.read(); err != nil || line != c.usual(question)+"\n" {
		c.fail(grading.Finding{
			Sentence: "together", Mistake: "a healthy client is dropped: one that " + c.what,
			Expected: "it is served for as long as it stays", Seen: fmt.Sprintf("%s, and %v", brief(line), err),
		})
	}
}

// judgeLack needs one of several attempts to be in time: on a busy machine, a late one proves nothing.
func (s *siege) judgeLack(v *server) {
	s.t.Helper()
	const attempts, late = 3, 2 * time.Second
	var waits time.Duration
	for range attempts {
		if waits = s.lackDescriptors(v); waits < late {
			return
		}
	}
	s.g.Expect(false, grading.Finding{
		Sentence: "accept", Mistake: "Serve accepts again much later than it could", Expected: "a little after it can open descriptors again",
		Seen: story.Duration(waits) + " after that",
	})
}

// lackDescriptors lets the server's process open no descriptors for a while. It returns how long a new client waits after that.
func (s *siege) lackDescriptors(v *server) (waits time.Duration) {
	s.t.Helper()
	// The grader uses 60 ms of processor time meanwhile. If Serve loops without a pause, it uses as much, even on a busy
	// machine. If Serve pauses for a few milliseconds each time, it uses a tenth of that.
	const while, computes = 300 * time.Millisecond, 60 * time.Millisecond
	s.g.Step("the server's process can open no descriptors for %v, and a client comes", while)
	s.returning = "accept"
	var l lack
	var old *client
	v.begin(script{"is there already", func(c *client) {
		c.ask("accept", grading.Text(10))
		old = c.connect("is there already")
		old.ask("accept", grading.Text(10))
	}})
	s.awaitAll()
	s.awaitHeld(1, "leaves", "a client has left, and its descriptor stays open") // otherwise its descriptor would be free for the next client
	s.g.Prepare("to take descriptors", func() { l = takeDescriptors.On(s.g, 0) })
	require.NoError(s.t, l.Err.Err())
	began, isThere := time.Now(), make(chan struct{})
	v.begin(script{"comes when there are no descriptors", func(c *client) {
		close(isThere)
		c.ask("accept", grading.Text(10))
	}})
	s.scripts.Go(func() { // this client stays: the new one must not wait until it leaves
		for began := time.Now(); time.Since(began) < while; old.pass(while / 10) {
			old.ask("accept", grading.Text(10))
		}
	})
	select {
	case <-isThere:
	case <-s.going.Done():
	}
	var before, after time.Duration
	s.g.Prepare("the time", func() { before = computed.On(s.g, struct{}{}) })
	grading.Compute(computes)
	s.g.Prepare("the time", func() { after = computed.On(s.g, struct{}{}) })
	time.Sleep(time.Until(began.Add(while)))
	s.g.Prepare("to give descriptors", func() { l = giveDescriptors.On(s.g, l) })
	require.NoError(s.t, l.Err.Err())
	given := time.Now()
	s.awaitAll()
	waits = time.Since(given)
	old.conn.Close()
	s.g.Outcome(harness.Server, "uses %v of processor time", after-before)
	s.g.Expect(after-before < computes/2, grading.Finding{
		Sentence: "accept",
		Mistake:  "Serve accepts again and again without a pause, while there are no descriptors",
		Expected: "it waits a little before it accepts again",
		Seen:     fmt.Sprintf("it uses %s of processor time, while the grader uses %s", story.Duration(after-before), story.Duration(computes)),
	})
	s.returning = "result"
	return waits
}

// acceptFails: accept fails with an error other than EMFILE, and ctx ends. Each attempt has a new server. One attempt must be
// in time: on a busy machine, a late one proves nothing.
func (s *siege) acceptFails() {
	s.t.Helper()
	const attempts, while, soon = 3, 100 * time.Millisecond, 500 * time.Millisecond
	s.returning = "accept"
	var took time.Duration
	for range attempts {
		errno := []unix.Errno{unix.ENOBUFS, unix.ENOMEM, unix.EPERM, unix.EPROTO}[rand.N(4)]
		s.g.Step("a server begins, and accept fails: %v; then ctx ends", errno)
		v := s.listen(exercise.Limits{Question: time.Hour, Answer: time.Hour, Quiet: time.Hour}, false)
		peer.DialNoKeepalive(s.g.Experiment, v.address) // Serve may call accept only when a client comes
		v.serve(refuse.Accept(errno))
		if v.serving.ReturnsWithin(while) {
			if v.unable != "" {
				s.g.Step("that can't be shown here: %s", v.unable)
				return
			}
			v.mustServe()
		}
		v.mayReturn = true
		began := time.Now()
		v.stop()
		v.expectReturn(byContext)
		if took = time.Since(began); took < soon {
			return
		}
	}
	s.g.Expect(false, grading.Finding{
		Sentence: "stop",
		Mistake:  "Serve returns late when ctx ends while accept fails",
		Expected: "it returns at once",
		Seen:     "it returns after " + story.Duration(took),
	})
}

// listenerIsLate: the listener has a deadline that has passed. Somebody else has set it, and Serve goes on serving.
func (s *siege) listenerIsLate() {
	s.t.Helper()
	s.g.Step("a server begins when its listener's deadline has passed; then ctx ends")
	const while = 50 * time.Millisecond
	s.returning = "accept"
	v := s.listen(exercise.Limits{Question: time.Hour, Answer: time.Hour, Quiet: time.Hour}, false)
	v.listenerIsLate = true
	v.serve()
	if v.serving.ReturnsWithin(while) {
		v.mustServe()
	}
	v.mayReturn = true
	v.stop()
	v.expectReturn(byContext)
}
