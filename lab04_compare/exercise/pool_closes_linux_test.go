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
	g.Step("a pool that nobody has used is closed, twice")
	unused.end()
	unused.end()

	p := newPoolOf(t, g, time.Hour, 5)
	g.Step("a pool with two idle connections is closed; callers have two other connections")
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
		Sentence: "close", Mistake: "after Close, the pool connects or gives connections", Expected: "net.ErrClosed", Seen: fmt.Sprint(err),
	})
	p.end()
}

// closesAtOnce: pools are closed while callers get and put connections. None of the connections stays open.
func closesAtOnce(t *testing.T, g *grading.Grader) {
	p := newPoolOf(t, g, time.Hour, 5)
	defer p.end()
	g.Step("pools are closed while callers get connections, and put them")
	var got closedPools
	g.Call("Close", 0, waitsFor("close"), func() { got = closeAtOnce.On(g, p.listener.Addr().String()) })
	g.Expect(got.Unusable == 0, grading.Finding{
		Sentence: "close", Mistake: "Get is connecting when Close is called, and gives a connection that is closed",
		Expected: "an open connection, or net.ErrClosed", Seen: story.Count(got.Unusable, "closed connection"),
	})
	g.Expect(got.Err.Err() == nil, grading.Finding{
		Sentence: "close", Mistake: "Get is connecting when Close is called, and returns an error other than net.ErrClosed",
		Expected: "a connection, or net.ErrClosed", Seen: fmt.Sprint(got.Err.Err()),
	})
	takesNoTime(g, "Close waits for something", got.Quickest)
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
			Sentence: "close", Mistake: "Close is called while a caller gets or puts a connection, and the connection stays open",
			Expected: "Get gives it or closes it, and Put closes it", Seen: story.Count(open(), "connection"),
			Read: "lab02_reuseaddr/TestUnclosedConnectionsStayInCloseWait",
		}
	})
}

// keepsItsOwn: another pool of the same server has connections of its own, and is closed.
func keepsItsOwn(t *testing.T, g *grading.Grader) {
	p := newPoolOf(t, g, time.Hour, 5)
	defer p.end()
	g.Step("two pools have connections to the same server; one of them is closed")
	another := &pool{t: t, g: g}
	g.Prepare("a Pool", func() { another.handle = newPool.On(g, poolOf{p.listener.Addr().String(), time.Hour, 5}) })
	own := p.get("connects")
	p.put(own)
	others := another.get("connects")
	g.Expect(others.Local != own.Local, grading.Finding{
		Sentence: "one-user", Mistake: "a pool gives a connection that was put into another pool",
		Expected: "it connects: it has no connection to give", Seen: others.Local,
	})
	another.put(others)
	another.end()
	p.ask("reuses", p.expectSame("reuses", own))
}

// keepsAny: Keep may be the largest int, and MaxIdle may be 0. What a pool does has no effect on another pool.
func keepsAny(t *testing.T, g *grading.Grader) {
	other := newPoolOf(t, g, time.Hour, math.MaxInt)
	defer other.end()
	others := other.get("connects")
	other.put(others)
	for _, age := range []time.Duration{0, time.Nanosecond} {
		p := newPoolOf(t, g, age, math.MaxInt)
		g.Step("MaxIdle is %v; another pool has a connection to another server", age)
		c := p.get("connects")
		p.put(c)
		p.awaitClosed("too-old", c)
		p.ask("too-old", p.get("too-old"))
		p.end()
	}
	other.expectSame("reuses", others)
}

// staysFresh: a connection that Get gives again has no deadline, not even that of Get's context. useLater uses the connection
// after the end of this context.
func staysFresh(t *testing.T, g *grading.Grader) (useLater func()) {
	p := newPoolOf(t, g, time.Hour, 5)
	g.Step("Get gives a connection again; the context of this Get ends soon, and the caller keeps the connection")
	const soon, long = 300 * time.Millisecond, 1100 * time.Millisecond
	c := p.get("connects")
	p.put(c)
	again, err := p.tryGet("no-wait", soon)
	p.expectGot("reuses", again, err)
	began := time.Now()
	return func() {
		g.Step("the caller uses the connection after the context of its Get has ended")
		time.Sleep(time.Until(began.Add(long)))
		p.ask("fresh", again)
		p.put(again)
		p.ask("too-old", p.expectSame("too-old", again)) // it is older than a second, and was not idle
		p.end()
	}
}

// putTwice: a connection that is put twice counts as one idle connection.
func putTwice(t *testing.T, g *grading.Grader, keep int, isLast bool) {
	p := newPoolOf(t, g, time.Hour, keep)
	defer p.end()
	between := map[bool]string{false: "another one in between", true: "nothing in between"}[isLast]
	g.Step("a caller puts a connection twice, with %s; Keep is %d", between, keep)
	twice, other := p.get("connects"), p.get("connects")
	if isLast {
		p.put(other)
	}
	p.putKeeping(twice)
	if !isLast {
		p.put(other)
	}
	p.put(twice)
	twice = p.expectSame("reuses", twice)
	other = p.expectSame(map[bool]string{false: "one-user", true: "at-most"}[isLast], other)
	c := p.get("one-user")
	g.Expect(c.Local != twice.Local && c.Local != other.Local, grading.Finding{
		Sentence: "one-user", Mistake: "two callers have the same connection", Expected: "a new one: callers have both", Seen: "both have " + c.Local,
	})
	p.ask("one-user", c)
	if keep > 2 {
		return
	}
	g.Step("three callers put these connections")
	for _, c := range []pooled{twice, other, c} {
		p.put(c)
	}
	p.awaitClosed("at-most", twice)
	p.expectSame("at-most", c)
	p.expectSame("at-most", other)
}

func closedByCaller(t *testing.T, g *grading.Grader) {
	p := newPoolOf(t, g, time.Hour, 5)
	defer p.end()
	g.Step("a caller closes a connection, and puts it all the same")
	c := p.get("connects")
	p.spoil(spoil{Conn: c.Conn, Close: true})
	p.put(c)
	p.ask("ended", p.get("ended"))
	g.Step("a caller closes a connection, and puts it, while two others are idle")
	first, second, closed := p.get("connects"), p.get("connects"), p.get("connects")
	p.put(first)
	p.put(second)
	p.spoil(spoil{Conn: closed.Conn, Close: true})
	p.put(closed)
	p.expectSame("reuses", second)
	p.expectSame("reuses", first)
}

// endedInUse: a connection is ended while a caller has it, and the caller puts it all the same.
func endedInUse(t *testing.T, g *grading.Grader) {
	p := newPoolOf(t, g, time.Hour, 5)
	defer p.end()
	g.Step("the server closes a connection while a caller has it, who puts it all the same; then a caller calls Get")
	c := p.get("connects")
	p.serverEnds(c, false)
	p.put(c)
	p.ask("ended", p.get("ended"))
	p.awaitClosed("ended", c)
}

// takesNoHost: Address may be a port without a host, which means this host.
func takesNoHost(t *testing.T, g *grading.Grader) {
	p := newPoolOf(t, g, time.Hour, 5)
	defer p.end()
	at := p.listener.Addr().(*net.TCPAddr)
	if at.IP.To4() == nil {
		return // without a host, net connects by IPv4
	}
	g.Step("the pool's Address has no host")
	g.Prepare("a Pool", func() { p.handle = newPool.On(g, poolOf{fmt.Sprintf(":%d", at.Port), time.Hour, 5}) })
	c := p.get("connects")
	p.ask("connects", c)
	p.put(c)
	p.ask("reuses", p.expectSame("reuses", c))
}
