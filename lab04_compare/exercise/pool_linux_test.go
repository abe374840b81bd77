package exercise_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"socketlabs/harness"
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
// Hint: Ask the kernel what it has for an idle connection, without waiting: nothing, bytes, the end of the stream, or an error.
// A nonblocking read says which.
// Hint: If the deadline has passed, a read fails before it asks the kernel. SyscallConn's Read calls your function with the
// descriptor. There, call recvfrom(2) with MSG_PEEK and MSG_DONTWAIT, which doesn't wait.
// Hint: Nothing reports that a host has vanished. So close a connection for its age alone: time.AfterFunc can do that.
// Hint: Hold the lock for the list alone, never while you connect.
func TestPool(t *testing.T) {
	g := grading.Start(t, link.VanishingPeers, kernel.SocketTable, peer.UnansweredConnects)
	finishConnect, useLater := connectsForLong(t, g), staysFresh(t, g)
	givesWhatWasPut(t, g, harness.Loopback())
	if harness.BothFamilies.Missing() == "" {
		givesWhatWasPut(t, g, "[::1]:0")
	}
	keepsItsOwn(t, g)
	quickest := time.Hour
	for _, rest := range []struct {
		sentence, what string
		spoil          func(*pool, pooled)
	}{
		{"ended", "its server closes it", func(p *pool, c pooled) { p.serverEnds(c, false) }},
		{"ended", "its server resets it", func(p *pool, c pooled) { p.serverEnds(c, true) }},
		{"left-over", "an answer comes late", (*pool).serverSays},
		{"ended", "its server sends something, and closes it", (*pool).serverSaysAndEnds},
	} {
		quickest = min(quickest, givesNone(t, g, rest.sentence, rest.what, rest.spoil))
	}
	takesNoTime(g, "Get waits when it finds connections that can't be used", quickest)
	closedByCaller(t, g)
	endedInUse(t, g)
	takesNoHost(t, g)
	for _, keep := range []int{5, 2} {
		putTwice(t, g, keep, false)
		putTwice(t, g, keep, true)
	}
	sortsOutAtOnce(t, g)
	isRefused(t, g)
	keepsFew(t, g, time.Hour, 1+rand.N(4))
	judgeAges(t, g)
	keepsFew(t, g, math.MaxInt64, 0)
	keepsFew(t, g, math.MaxInt64, 17+rand.N(8))
	staysUntilOld(t, g)
	looksQuickly(t, g)
	waitsForNobody(t, g)
	closes(t, g)
	closesAtOnce(t, g)
	keepsAny(t, g)
	useLater()
	finishConnect()
}

// givesWhatWasPut: Get gives connections that were put, each to one caller at a time.
func givesWhatWasPut(t *testing.T, g *grading.Grader, address string) {
	p := newPoolAt(t, g, address, time.Hour, 5)
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
	for _, what := range []deadline{deadlineOfBoth, deadlineOfReads, deadlineOfWrites} {
		p.spoil(spoil{Conn: c.Conn, Deadline: what})
		p.put(c)
		c = p.expectSame("fresh", c)
		p.ask("fresh", c)
	}
	blocks := false
	g.Prepare("a look at the descriptor", func() { blocks = blocksPooled.On(g, c.Conn) })
	g.Expect(!blocks, grading.Finding{
		Sentence: "fresh", Mistake: "deadlines have no effect on a connection that Get gives again", Expected: "its descriptor is nonblocking, as it was",
		Seen: "it is blocking, as after File().Fd(): reads and writes wait in the kernel",
	})

	g.Step("several connections are put, and several callers call Get at the same time")
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
	const callers = 10
	p.getMany("connects", callers)
	p.expectConnects(5 + callers - 3)
}

// givesNone: Get does not give connections that were spoiled while they were idle. It gives an older one, which can be used. For
// some, a deadline of the last user has passed. givesNone returns how long Get takes.
func givesNone(t *testing.T, g *grading.Grader, sentence, what string, spoilIt func(*pool, pooled)) (took time.Duration) {
	p := newPoolOf(t, g, time.Hour, 10)
	defer p.end()
	n := 4 + rand.IntN(3)
	g.Step("a connection is idle, and %s; the same happens to %d others, but not to the one that was put first", what, n-1)
	good, spoiled := p.get("connects"), make([]pooled, n)
	for i := range spoiled {
		spoiled[i] = p.get("connects")
	}
	for i, c := range append([]pooled{good}, spoiled...) {
		if i%2 == 0 {
			p.spoil(spoil{Conn: c.Conn, Deadline: deadlineOfBoth})
		}
		p.put(c)
	}
	for _, c := range spoiled {
		spoilIt(p, c)
	}
	began := time.Now()
	got := p.get(sentence)
	took = time.Since(began)
	g.Expect(got.Local == good.Local, grading.Finding{
		Sentence: sentence,
		Mistake:  "Get gives another connection than the one that can be used; the others are idle, and then this happens to each: " + what,
		Expected: good.Local + ", which was put first, and can be used",
		Seen: got.Local + map[bool]string{true: ", which can't be used", false: ", a new one"}[slices.ContainsFunc(spoiled,
			func(c pooled) bool { return c.Local == got.Local })],
		Read: "lab01_timeout/TestIdleRaceFailsPOST",
	})
	p.ask(sentence, got)
	for _, c := range spoiled {
		p.awaitClosed(sentence, c)
	}
	return took
}

// takesNoTime expects that the quickest of several calls that wait for nothing takes almost no time.
func takesNoTime(g *grading.Grader, mistake string, quickest time.Duration) {
	const tooLong = 80 * time.Millisecond // far more than the call takes
	g.Expect(quickest < tooLong, grading.Finding{
		Sentence: "it-returns", Mistake: mistake, Expected: "it waits for nothing",
		Seen: "the quickest of several calls takes " + story.Duration(quickest),
	})
}

// sortsOutAtOnce: callers call Get at the same time. Each gets a connection of its own, which can be used.
func sortsOutAtOnce(t *testing.T, g *grading.Grader) {
	const each = 6
	p := newPoolOf(t, g, time.Hour, 2*each)
	defer p.end()
	g.Step("callers get and put connections at the same time, again and again")
	var rounds [][]string
	g.Call("Get", 0, waitsFor("one-user"), func() { rounds = getRounds.On(g, toGetMany{p.handle, each}) })
	for _, given := range rounds {
		slices.Sort(given)
		g.Expect(len(slices.Compact(slices.Clone(given))) == each, grading.Finding{
			Sentence: "one-user", Mistake: "two callers have the same connection", Expected: story.Count(each, "connection"), Seen: fmt.Sprint(given),
		})
	}
	g.Step("%d connections are idle, and bytes have come on half of them; then as many callers call Get at the same time", 2*each)
	var all []pooled
	for range 2 * each {
		all = append(all, p.get("connects"))
	}
	for _, c := range all {
		p.put(c)
	}
	for i := 0; i < len(all); i += 2 {
		p.serverSays(all[i])
	}
	got := p.getMany("connects", len(all))
	for i, c := range all {
		g.Expect(got[c.Local] == (i%2 == 1), grading.Finding{
			Sentence: map[bool]string{true: "left-over", false: "reuses"}[i%2 == 0],
			Mistake:  "callers that call Get at the same time don't get the right connections",
			Expected: "Get gives each idle connection on which nothing has come, and none of the others",
			Seen:     c.Local + map[bool]string{true: " is given", false: " isn't given"}[got[c.Local]],
		})
	}
}

// keepsFew: the pool keeps at most keep idle connections.
func keepsFew(t *testing.T, g *grading.Grader, maxIdle time.Duration, keep int) {
	p := newPoolOf(t, g, maxIdle, keep)
	defer p.end()
	const more = 5
	g.Step("%d connections are put; Keep is %d", keep+more, keep)
	var all []pooled
	for range keep + more {
		all = append(all, p.get("connects"))
		p.get("connects") // a connection in use doesn't count
	}
	rand.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	if keep > 0 { // the connection that is put last has been idle before
		last := len(all) - 1
		p.put(all[last])
		all[last] = p.expectSame("at-most", all[last])
	}
	quickest := time.Hour
	for i, c := range all {
		began := time.Now()
		p.put(c)
		if i >= keep {
			quickest = min(quickest, time.Since(began))
		}
	}
	takesNoTime(g, "Put waits when it closes a connection that is one too many", quickest)
	for _, c := range all[:more] {
		p.awaitClosed("at-most", c)
	}
	for i := len(all) - 1; i >= more; i-- {
		p.expectSame("at-most", all[i])
	}
	p.ask("at-most", p.get("at-most"))
}

// getMany makes calls of Get at the same time, and expects that each gives a connection. It returns the set of their addresses.
func (p *pool) getMany(sentence string, calls int) (given map[string]bool) {
	p.t.Helper()
	var all []pooled
	p.g.Call("Get", 0, waitsFor(sentence), func() { all = getMany.On(p.g, toGetMany{p.handle, calls}) })
	given = make(map[string]bool)
	for _, c := range all {
		p.expectGot(sentence, c, c.Err.Err())
		p.g.Expect(!given[c.Local], grading.Finding{
			Sentence: "one-user", Mistake: "two callers have the same connection", Expected: "each has one of its own", Seen: "both have " + c.Local,
		})
		given[c.Local] = true
	}
	return given
}
