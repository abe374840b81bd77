package exercise_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"socketlabs/harness"
	"socketlabs/harness/grading"
	"socketlabs/harness/kernel"
	"socketlabs/harness/peer"
	"socketlabs/harness/refuse"
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

// expectEnd makes the server wait for clients in every state, ends it, and expects that it closes everything and returns.
func (v *server) expectEnd(how howItEnds) {
	v.t.Helper()
	v.g.Step("clients are idle, in the middle of a question, waiting for an answer, or not reading one; %s", how)
	var waiting []*client
	var stuckOne *client
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
		computing.send(question + "\n")
		computing.awaitAsked(held)
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
	for _, c := range waiting {
		v.scripts.Go(func() { c.expectClosed(how.sentence()) })
	}
	v.scripts.Go(func() { stuckOne.expectServerCloses(how.sentence()) })
	v.awaitAll()
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
	v.expectReturn(how)
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
	s.scripts.Go(func() {
		for began := time.Now(); time.Since(began) < while; old.pass(while / 10) {
			old.ask("accept", grading.Text(10))
		}
		old.conn.Close()
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
