package exercise_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"syscall"
	"testing"
	"time"

	"socketlabs/harness/grading"
	"socketlabs/harness/kernel"
	"socketlabs/harness/link"
	"socketlabs/harness/peer"
	"socketlabs/harness/story"
)

// TestPool: a pool gives no connection that its server has closed, that has unread bytes, or whose server may have vanished.
//
// Points: 15
// Read: lab01_timeout/TestIdleRaceFailsPOST, lab01_timeout/TestLateAnswerIsTakenForTheNext, lab03_keepalive/TestIdleConnectionOutlivesItsPeer
// Hint: Ask the kernel what it has for an idle connection, without waiting: nothing, bytes, the end, or an error. A nonblocking
// read says which.
// Hint: A deadline that has passed ends a read before it looks. SyscallConn's Read calls your function with the descriptor, and
// recvfrom(2) with MSG_PEEK and MSG_DONTWAIT in it doesn't wait.
// Hint: Nothing reports that a host has vanished. So a connection is closed for its age alone: time.AfterFunc can do that.
// Hint: Hold the lock for the list alone, never while you connect.
func TestPool(t *testing.T) {
	g := grading.Start(t, link.VanishingPeers, kernel.SocketTable, peer.UnansweredConnects)
	givesWhatWasPut(t, g)
	for _, rest := range []struct {
		sentence, what string
		spoil          func(*pool, pooled)
	}{
		{"ended", "its server closes it", func(p *pool, c pooled) { p.serverEnds(c, false) }},
		{"ended", "its server resets it", func(p *pool, c pooled) { p.serverEnds(c, true) }},
		{"ended", "its server says something, and closes it", (*pool).serverSaysAndEnds},
		{"left-over", "an answer comes late", (*pool).serverSays},
	} {
		givesNone(t, g, rest.sentence, rest.what, rest.spoil)
	}
	closedByCaller(t, g)
	judgeAges(t, g)
	keepsFew(t, g, 0)
	keepsFew(t, g, 1+rand.N(4))
	looksQuickly(t, g)
	waitsForNobody(t, g)
	closes(t, g)
}

// givesWhatWasPut: connections are used again, one caller each.
func givesWhatWasPut(t *testing.T, g *grading.Grader) {
	p := newPoolOf(t, g, time.Hour, 5)
	defer p.end()
	g.Step("a connection is given, put, and given again")
	c := p.get("connects")
	p.ask("connects", c)
	for range 3 {
		p.put(c)
		c = p.expectSame("reuses", c)
		p.ask("reuses", c)
	}
	g.Step("a caller sets a deadline, and puts the connection")
	p.spoil(spoil{Conn: c.Conn})
	p.put(c)
	c = p.expectSame("fresh", c)
	p.ask("fresh", c)

	g.Step("several are put, and given to several callers at once")
	all := []pooled{c}
	for range 4 {
		all = append(all, p.get("connects"))
	}
	rand.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	for _, c := range all {
		p.put(c)
	}
	p.expectSame("reuses", all[4])
	p.expectSame("reuses", all[3])
	got := make(chan pooled, 10)
	var calls []*grading.Running
	for range cap(got) {
		calls = append(calls, g.Go("Get", func() { got <- getPooled.On(g, toGet{p.handle, time.Hour}) }))
	}
	seen := make(map[string]bool)
	for _, call := range calls {
		call.Wait(0, waitsFor("connects"))
		c := <-got
		g.Expect(!seen[c.Local], grading.Finding{
			Sentence: "one-user", Mistake: "two callers have the same connection", Expected: "each has one of its own", Seen: "both have " + c.Local,
		})
		seen[c.Local] = true
	}
	p.expectConnects(5 + cap(got) - 3)

	refused := newPoolOf(t, g, time.Hour, 5)
	defer refused.end()
	refused.listener.Close()
	g.Step("nobody listens")
	_, err := refused.tryGet("connects", time.Hour)
	g.Expect(errors.Is(err, syscall.ECONNREFUSED), grading.Finding{
		Sentence: "connects", Mistake: "the error of the connect isn't returned", Expected: syscall.ECONNREFUSED.Error(), Seen: fmt.Sprint(err),
	})
}

// givesNone: what is spoiled while it is idle is not given, and what is older is.
func givesNone(t *testing.T, g *grading.Grader, sentence, what string, spoil func(*pool, pooled)) {
	p := newPoolOf(t, g, time.Hour, 5)
	defer p.end()
	g.Step("a connection is idle, and %s; so it goes with the next, and not with one that is older than both", what)
	good, first, second := p.get("connects"), p.get("connects"), p.get("connects")
	for _, c := range []pooled{good, first, second} {
		p.put(c)
	}
	spoil(p, first)
	spoil(p, second)
	got := p.get(sentence)
	g.Expect(got.Local == good.Local, grading.Finding{
		Sentence: sentence,
		Mistake:  "Get gives another connection than the one that can be used; while another was idle, " + what,
		Expected: good.Local + ", which was put first, and is whole",
		Seen:     got.Local + map[bool]string{true: ", which isn't", false: ", a new one"}[got.Local == first.Local || got.Local == second.Local],
		Read:     "lab01_timeout/TestIdleRaceFailsPOST",
	})
	p.ask(sentence, got)
	p.awaitClosed(sentence, first)
	p.awaitClosed(sentence, second)
}

func closedByCaller(t *testing.T, g *grading.Grader) {
	p := newPoolOf(t, g, time.Hour, 5)
	defer p.end()
	g.Step("a caller closes a connection, and puts it all the same")
	c := p.get("connects")
	p.spoil(spoil{c.Conn, true})
	p.put(c)
	p.ask("ended", p.get("ended"))
}

// keepsFew: no more than keep are kept.
func keepsFew(t *testing.T, g *grading.Grader, keep int) {
	p := newPoolOf(t, g, time.Hour, keep)
	defer p.end()
	g.Step("%d connections are put, and %d are kept", keep+2, keep)
	var all []pooled
	for range keep + 2 {
		all = append(all, p.get("connects"))
	}
	for _, c := range all {
		p.put(c)
	}
	p.awaitClosed("at-most", all[0])
	p.awaitClosed("at-most", all[1])
	for i := len(all) - 1; i >= 2; i-- {
		p.expectSame("at-most", all[i])
	}
	p.ask("at-most", p.get("at-most"))
}

// looksQuickly: of many calls of Get the quickest counts.
func looksQuickly(t *testing.T, g *grading.Grader) {
	const no = 500 * time.Microsecond // far more than a look takes
	p := newPoolOf(t, g, time.Hour, 5)
	defer p.end()
	g.Step("a connection is put and given again and again")
	c := p.get("connects")
	var quickest time.Duration
	g.Call("Get", 0, waitsFor("no-wait"), func() { quickest = quickestGet.On(g, toPut{p.handle, c.Conn}) })
	g.Expect(quickest < no, grading.Finding{
		Sentence: "no-wait", Mistake: "Get waits to see whether a connection can be used", Expected: "it only looks, and takes no time",
		Seen: "the quickest of many calls takes " + quickest.String(),
	})
}

// waitsForNobody: connects that nobody answers hold up nobody.
func waitsForNobody(t *testing.T, g *grading.Grader) {
	p := newPoolOf(t, g, time.Hour, 5)
	defer p.end()
	c := p.get("connects")
	p.stopAccepting()
	peer.FillBacklog(g.Experiment, p.listener)
	// The machine is to blame for much, but not again and again.
	for tries, limit := 0, 700*time.Millisecond; ; tries, limit = tries+1, 1200*time.Millisecond {
		g.Step("a caller connects, and is not answered for %v; another puts a connection, and gets it", limit)
		ended := make(chan error, 1)
		others := p.connecting()
		began := time.Now()
		waiting := g.Go("Get", func() { ended <- getPooled.On(g, toGet{p.handle, limit}).Err.Err() })
		p.await(func() bool { return p.connecting() > others || len(ended) > 0 }, waitsFor("connects"))
		asked := time.Now()
		p.put(c)
		c = p.expectSame("no-wait", c)
		took, inAll := time.Since(asked), time.Since(began)
		waiting.Wait(limit, waitsFor("connects"))
		waited := time.Since(began)
		err := <-ended
		g.Expect(waited >= limit && (errors.Is(err, context.DeadlineExceeded) || errors.Is(err, os.ErrDeadlineExceeded)), grading.Finding{
			Sentence: "connects", Mistake: "the connect does not end with ctx", Expected: "a timeout after " + story.Duration(limit),
			Seen: fmt.Sprintf("%v, after %s", err, story.Duration(waited)),
		})
		if inAll < limit {
			return
		}
		g.Expect(tries < 2, grading.Finding{
			Sentence: "no-wait", Mistake: "a caller waits until another one's connect has ended", Expected: "Put and Get take no time",
			Seen: "they take " + story.Duration(took),
		})
	}
}

func closes(t *testing.T, g *grading.Grader) {
	p := newPoolOf(t, g, time.Hour, 5)
	g.Step("the pool is closed, with two idle connections, and one that a caller has")
	idle, other, used := p.get("connects"), p.get("connects"), p.get("connects")
	p.put(idle)
	p.put(other)
	p.end()
	p.awaitClosed("close", idle)
	p.awaitClosed("close", other)
	p.ask("in-use", used)
	p.put(used)
	p.awaitClosed("close", used)
	_, err := p.tryGet("close", time.Hour)
	g.Expect(errors.Is(err, net.ErrClosed), grading.Finding{
		Sentence: "close", Mistake: "a pool that is closed gives connections", Expected: "net.ErrClosed", Seen: fmt.Sprint(err),
	})
}
