package exercise_test

import (
	"errors"
	"fmt"
	"math"
	"net"
	"testing"
	"time"

	"socketlabs/harness/grading"
	"socketlabs/harness/story"
)

func closes(t *testing.T, g *grading.Grader) {
	unused := newPoolOf(t, g, time.Hour, 5)
	g.Step("a pool is closed that nobody has used, and again")
	unused.end()
	unused.end()

	p := newPoolOf(t, g, time.Hour, 5)
	g.Step("a pool is closed, with two idle connections, and two that callers have")
	idle, other, used, late := p.get("connects"), p.get("connects"), p.get("connects"), p.get("connects")
	p.put(idle)
	p.put(other)
	p.end()
	p.awaitClosed("close", idle)
	p.awaitClosed("close", other)
	p.ask("in-use", used)
	p.put(used)
	p.awaitClosed("close", used)
	p.serverSays(late)
	p.put(late)
	p.awaitClosed("close", late)
	p.end() // again
	p.stopListening()
	_, err := p.tryGet("close", time.Hour)
	g.Expect(errors.Is(err, net.ErrClosed), grading.Finding{
		Sentence: "close", Mistake: "a pool that is closed connects, or gives connections", Expected: "net.ErrClosed", Seen: fmt.Sprint(err),
	})
	p.end()
}

// closesAtOnce: a pool is closed while callers get and put, and connect. None of its connections stays open.
func closesAtOnce(t *testing.T, g *grading.Grader) {
	p := newPoolOf(t, g, time.Hour, 5)
	defer p.end()
	g.Step("pools are closed while callers connect, and put what they get")
	var got closedPools
	g.Call("Close", 0, waitsFor("close"), func() { got = closeAtOnce.On(g, p.listener.Addr().String()) })
	g.Expect(got.Unusable == 0, grading.Finding{
		Sentence: "close", Mistake: "a Get that connects while the pool is closed gives a connection that is closed",
		Expected: "an open one, or net.ErrClosed", Seen: story.Count(got.Unusable, "closed connection"),
	})
	g.Expect(got.Err.Err() == nil, grading.Finding{
		Sentence: "close", Mistake: "a Get that connects while the pool is closed returns another error",
		Expected: "a connection, or net.ErrClosed", Seen: fmt.Sprint(got.Err.Err()),
	})
	open := func() (n int) {
		for _, s := range p.clients() {
			if isOpen(s.State) {
				n++
			}
		}
		return n
	}
	p.awaitOrSee(func() bool { return open() == 0 }, func() grading.Finding {
		return grading.Finding{
			Sentence: "close", Mistake: "a pool is closed while a caller gets or puts a connection, and the connection stays open",
			Expected: "Get gives it or closes it, and Put closes it", Seen: story.Count(open(), "connection"),
			Read: "lab02_reuseaddr/TestUnclosedConnectionsStayInCloseWait",
		}
	})
}

// keepsAny: a pool may keep as many as there are, or none for any time, and has nothing to do with another one.
func keepsAny(t *testing.T, g *grading.Grader) {
	other := newPoolOf(t, g, time.Hour, math.MaxInt)
	defer other.end()
	others := other.get("connects")
	other.put(others)
	for _, age := range []time.Duration{0, time.Nanosecond} {
		p := newPoolOf(t, g, age, math.MaxInt)
		g.Step("a connection may be idle for %v; another pool has one to another server", age)
		c := p.get("connects")
		p.put(c)
		p.awaitClosed("too-old", c)
		p.ask("too-old", p.get("too-old"))
		p.end()
	}
	other.expectSame("reuses", others)
}

// staysFresh: whoever has a connection that was idle has no deadline, that of a context among others. What is returned
// uses it when some time has passed.
func staysFresh(t *testing.T, g *grading.Grader) (useLater func()) {
	p := newPoolOf(t, g, time.Hour, 5)
	g.Step("a connection is given again to a caller whose context ends soon, and who keeps it")
	const soon, long = 300 * time.Millisecond, 1100 * time.Millisecond
	c := p.get("connects")
	p.put(c)
	again, err := p.tryGet("no-wait", soon)
	p.expectGot("reuses", again, err)
	began := time.Now()
	return func() {
		g.Step("that caller uses it")
		time.Sleep(time.Until(began.Add(long)))
		p.ask("fresh", again)
		p.end()
	}
}

// putTwice: what is put twice is idle once.
func putTwice(t *testing.T, g *grading.Grader, keep int, isLast bool) {
	p := newPoolOf(t, g, time.Hour, keep)
	defer p.end()
	g.Step("a caller puts a connection, and puts it again %s; %d are kept", map[bool]string{false: "after another", true: "at once"}[isLast], keep)
	twice, other := p.get("connects"), p.get("connects")
	if isLast {
		p.put(other)
	}
	p.putKeeping(twice)
	if !isLast {
		p.put(other)
	}
	p.put(twice)
	p.expectSame("reuses", twice)
	p.expectSame(map[bool]string{false: "one-user", true: "at-most"}[isLast], other)
	c := p.get("one-user")
	g.Expect(c.Local != twice.Local && c.Local != other.Local, grading.Finding{
		Sentence: "one-user", Mistake: "two callers have the same connection", Expected: "a new one: both were given before", Seen: "both have " + c.Local,
	})
	p.ask("one-user", c)
}
