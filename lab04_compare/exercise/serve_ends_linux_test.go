package exercise_test

import (
	"cmp"
	"errors"
	"fmt"
	"net"
	"slices"
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

// awaitAll is like await, but every finding ends the grading.
func (s *siege) awaitAll() {
	s.t.Helper()
	if perhaps := s.await(); perhaps != nil {
		s.g.Expect(false, *perhaps)
	}
}

// haste is how long a Serve takes for what needs no time: to close the connection of each of five clients, and to return
// when answer has returned.
type haste struct {
	closes  [5]time.Duration
	returns time.Duration
}

// least has the least of each time: on a busy machine, one of the five is almost always late.
func least(all []haste) (closes, returns time.Duration) {
	of := func(took func(haste) time.Duration) time.Duration {
		return took(slices.MinFunc(all, func(a, b haste) int { return cmp.Compare(took(a), took(b)) }))
	}
	for i := range len(all[0].closes) {
		closes = max(closes, of(func(h haste) time.Duration { return h.closes[i] }))
	}
	return closes, of(func(h haste) time.Duration { return h.returns })
}

const tooLate = 200 * time.Millisecond

// expectHaste judges the quickest of several ends of a kind. If they are slow, it looks at more servers: on a busy machine, a
// late end proves nothing.
func (s *siege) expectHaste(how howItEnds, all []haste) {
	s.t.Helper()
	closes, returns := least(all)
	for most := 6; len(all) < most && max(closes, returns) >= tooLate; {
		v := s.start(exercise.Limits{Question: time.Hour, Answer: time.Hour, Quiet: time.Hour}, false)
		all = append(all, v.expectEnd(how))
		closes, returns = least(all)
	}
	s.g.Expect(closes < tooLate, grading.Finding{
		Sentence: how.sentence(), Mistake: "Serve closes connections late when " + string(how), Expected: "it closes them at once",
		Seen: "the quickest of several ends takes " + story.Duration(closes),
	})
	s.g.Expect(returns < tooLate, grading.Finding{
		Sentence: "it-returns", Mistake: "Serve returns late, although all of its goroutines could have ended",
		Expected: "it returns at once; what the kernel still sends is no reason to wait, nor are more questions of a client",
		Seen:     "the quickest of several ends takes " + story.Duration(returns),
	})
}

// othersStay makes a client connect to one of these servers. goOn expects that this client is still served.
func (s *siege) othersStay(others []int) (goOn func()) {
	s.t.Helper()
	i := slices.IndexFunc(others, func(i int) bool { return s.servers[i].limits.Quiet > time.Minute }) // no ping meanwhile
	if i < 0 {
		return func() {}
	}
	var stays *client
	other := s.servers[others[i]]
	other.begin(script{"is another server's client", func(c *client) {
		stays = c.connect("is another server's client when a server ends")
		stays.ask("stop", grading.Text(10))
	}})
	s.awaitAll()
	return func() {
		s.t.Helper()
		s.scripts.Go(func() {
			stays.ask("stop", grading.Text(10))
			stays.conn.Close()
		})
		s.awaitAll()
	}
}

// isAlone: somebody closes the listener of a server that has no clients.
func (s *siege) isAlone() {
	s.t.Helper()
	s.g.Step("a server has no clients; %s", byListener)
	v := s.start(exercise.Limits{Question: time.Hour, Answer: time.Hour, Quiet: time.Hour}, false)
	v.mayReturn = true
	v.g.Prepare("a close", func() { endServing.On(v.g, toEnd{v.handle, true}) })
	v.expectReturn(byListener)
}

// expectEnd makes the server wait for clients in every state, ends it, and expects that it closes everything and returns.
func (v *server) expectEnd(how howItEnds) (took haste) {
	v.t.Helper()
	v.g.Step("clients are idle, in the middle of a question, waiting for an answer, or not reading one; %s", how)
	others := v.held()
	var waiting []*client
	var stuckOne, gone *client
	var held, heldToo *plan
	v.begin(script{"has asked", func(c *client) {
		c.ask("line", grading.Text(10))
		idle := c.connect("is idle when " + string(how))
		asking := c.connect("is in the middle of a question when " + string(how))
		asking.sendHalf(how.sentence())
		stuck := c.connect("does not read its answer when " + string(how))
		stuck.askMuch()
		stuck.awaitFirstByte()
		computing := c.connect("waits for an answer when " + string(how))
		question, last := grading.Text(10), grading.Text(10)
		held = computing.hold(question)
		computing.send(question + "\n" + computing.slow(20, 20*time.Millisecond))
		computing.awaitAsked(held)
		gone = c.connect("has left, and reads late")
		gone.askFor(largeAnswer)
		gone.closeWrite()
		gone.expectServerCloses("leaves")
		left := c.connect("has ended its half, and waits for an answer, when " + string(how))
		heldToo = left.hold(last)
		left.send(last + "\n")
		left.awaitAsked(heldToo)
		left.closeWrite()
		c.pass(20 * time.Millisecond) // time for the server to read the end of the stream
		waiting, stuckOne = []*client{idle, asking, computing, left}, stuck
	}})
	v.awaitAll()
	v.mayReturn = true
	v.g.Prepare("the end of Serve", func() { endServing.On(v.g, toEnd{v.handle, how == byListener}) })
	ended := time.Now()
	for i, c := range waiting {
		v.scripts.Go(func() {
			c.expectClosed(how.sentence())
			took.closes[i] = time.Since(ended)
		})
	}
	v.scripts.Go(func() {
		stuckOne.expectServerCloses(how.sentence())
		took.closes[len(waiting)] = time.Since(ended)
	})
	v.awaitAll()
	v.awaitHeld(others, how.sentence(), "a client's connection is shut down, and its descriptor stays open")
	v.serving.Waits(50*time.Millisecond, grading.Finding{
		Sentence: "waits",
		Mistake:  "Serve returns while one of its goroutines still runs: it is in the function answer",
		Expected: "it returns when all its goroutines have ended",
		Seen:     fmt.Sprintf("it returns: %v", v.err),
	})
	if how == byContext {
		v.expectNoListener("while the function answer runs")
	}
	close(held.goOn)
	close(heldToo.goOn)
	done := time.Now()
	v.expectReturn(how)
	took.returns = time.Since(done)
	gone.conn.Close()
	return took
}

// expectServerCloses expects that the server closes the connection of a client that doesn't read.
func (c *client) expectServerCloses(sentence string) {
	for began := time.Now(); !c.isClosedByServer(began); c.pass(10 * time.Millisecond) {
		if time.Since(began) > grading.Patience {
			c.fail(grading.Finding{
				Sentence: sentence, Mistake: "a connection stays open: that of a client that " + c.what,
				Expected: "all connections are closed at once", Seen: "it is open after " + story.Duration(grading.Patience),
			})
		}
	}
}

// isClosedByServer reports whether the server has closed the connection, according to a table that was read after the given moment.
func (c *client) isClosedByServer(after time.Time) bool {
	now := c.tableSince(after)
	state := now.states[[2]string{c.address, c.conn.LocalAddr().String()}]
	return now.states != nil && state != kernel.Established && state != kernel.CloseWait
}

// expectReturn expects that Serve returns, that its result is right, and that nobody listens any more.
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
		Mistake:  "Serve returns an error when ctx has ended",
		Expected: "Serve returns nil when ctx ends",
		Seen:     fmt.Sprint(v.err),
		Read:     "lab01_timeout/TestErrorsTellSlowFromDead",
	}
	want := error(nil)
	if how == byListener {
		want = net.ErrClosed
		f.Mistake = "Serve doesn't return the error of the listener"
		f.Expected = "Serve returns the listener's error"
	}
	v.g.Expect(errors.Is(v.err, want), f)
	v.g.Expect(v.changed == "", grading.Finding{
		Sentence: "line", Mistake: "a question changes after the function answer was called with it",
		Expected: "the function answer may keep its question", Seen: brief(v.changed) + " has changed",
	})
	// An Accept may return before the goroutine that closes the listener has closed its descriptor.
	v.expectNoListener("when Serve has returned")
}

// endsAtOnce: ctx has ended before Serve is called.
func (s *siege) endsAtOnce() {
	s.t.Helper()
	for _, isDeadline := range []bool{false, true} {
		s.g.Step("Serve is called when its context has ended already%s", map[bool]string{true: ", by its deadline"}[isDeadline])
		v := s.listen(exercise.Limits{Question: time.Hour, Answer: time.Hour, Quiet: time.Hour}, false)
		v.mayReturn = true
		v.isLate = isDeadline
		v.stop()
		v.serve()
		v.expectReturn(byContext)
	}
}
