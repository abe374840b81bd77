package exercise_test

import (
	"testing"
	"time"

	"socketlabs/harness/grading"
	"socketlabs/harness/link"
	"socketlabs/harness/story"
)

// This file has what a pool does with connections for their age.

// judgeAges needs one of several attempts to be in time, each with a longer MaxIdle: on a busy machine, a late one proves
// nothing.
func judgeAges(t *testing.T, g *grading.Grader) {
	const attempts = 4
	limit, took := 300*time.Millisecond, time.Duration(0)
	for range attempts {
		if took = growsOld(t, g, limit); took < limit*5/4 {
			return
		}
		limit *= 2
	}
	g.Expect(false, grading.Finding{
		Sentence: "too-old", Mistake: "a connection stays open for longer than MaxIdle",
		Expected: "it is closed after " + story.Duration(limit/2), Seen: "it is closed after " + story.Duration(took),
	})
}

// growsOld: a connection that has been idle for too long is closed, and Get does not give it. Other connections are put in
// between, which changes nothing for this one. growsOld returns the longest time that a connection was
// idle before the pool closed it.
func growsOld(t *testing.T, g *grading.Grader, limit time.Duration) (took time.Duration) {
	p := newPoolOf(t, g, limit, 6)
	defer p.end()
	g.Step("MaxIdle is %v; the host of one connection vanishes, one connection is in use for longer, others are put later", limit)
	fresh, err := p.tryGet("connects", limit) // the deadline of the context must not become that of the connection
	if err != nil {
		fresh = p.get("connects") // the machine was too busy for this deadline
	}
	// In this pool, only one connection may be idle: the second one that is put takes the place of the first.
	single := newPoolOf(t, g, limit, 1)
	defer single.end()
	replaced, replaces := single.get("connects"), single.get("connects")
	// This pool is empty when the timer of its first Put ends.
	empty := newPoolOf(t, g, limit, 6)
	defer empty.end()
	late := empty.get("connects")
	vanishes, used, again, last, twice := p.get("connects"), p.get("connects"), p.get("connects"), p.get("connects"), p.get("connects")
	gotUsed := time.Now()
	if !empty.givesAgain(&late, limit) || !p.givesAgain(&used, limit) || !p.givesAgain(&again, limit) { // a timer of the first Put must not close these connections
		return 2 * limit // the machine was so late that this attempt proves nothing
	}
	link.Vanish(g.Experiment, p.accepted(vanishes))
	began := time.Now()
	p.put(vanishes)
	p.putKeeping(twice)
	single.put(replaced)
	time.Sleep(time.Until(began.Add(limit / 4)))
	putReplaces := time.Now()
	single.put(replaces)
	time.Sleep(time.Until(began.Add(limit * 8 / 10)))
	putAgain := time.Now()
	p.put(twice) // while this connection is idle
	p.put(again)
	isInTime := p.givesAgain(&last, limit)
	p.put(last)
	putLast := time.Now()
	if !isInTime || putLast.Sub(began) >= limit {
		return 2 * limit
	}
	p.awaitClosed("too-old", vanishes)
	took = time.Since(began)
	notEarly := func(took time.Duration) {
		g.Expect(took >= limit, grading.Finding{
			Sentence: "too-old", Mistake: "a connection is closed before it is too old",
			Expected: "it is closed after " + story.Duration(limit), Seen: "it is closed after " + story.Duration(took),
		})
	}
	notEarly(took)
	empty.put(late)
	p.ask("in-use", used)
	if got := p.get("too-old"); time.Since(putLast) < limit {
		g.Expect(got.Local == last.Local, grading.Finding{
			Sentence: "reuses", Mistake: "Get doesn't give the connection that was put last", Expected: last.Local + ", which can be used",
			Seen: got.Local,
		})
	}
	single.awaitClosed("too-old", replaces)
	notEarly(time.Since(putReplaces))
	took = max(took, time.Since(putReplaces)-limit/4) // a pool that looks once in MaxIdle closes it much later
	isClosed := func(c pooled) bool { return !isOpen(p.state(c)) }
	p.await(func() bool { return isClosed(twice) || isClosed(again) }, grading.Finding{
		Sentence: "too-old", Mistake: "a connection that the pool should have closed stays open", Expected: "it is closed", Seen: "it is open",
	})
	notEarly(time.Since(putAgain))
	p.awaitClosed("too-old", twice)
	p.awaitClosed("too-old", again)
	took = max(took, time.Since(putAgain))
	p.ask("fresh", fresh)
	time.Sleep(time.Until(gotUsed.Add(2*limit + limit/10))) // a deadline computed from MaxIdle would have passed
	p.ask("fresh", used)
	putUsed := time.Now()
	p.put(used)
	if got := p.get("in-use"); time.Since(putUsed) < limit {
		g.Expect(got.Local == used.Local, grading.Finding{
			Sentence: "in-use", Mistake: "Get doesn't give a connection that was used for longer than MaxIdle, and was put just now",
			Expected: used.Local + ": the idle time begins anew at each Put", Seen: got.Local,
		})
	}
	p.ask("too-old", p.get("too-old"))
	empty.awaitClosed("too-old", late)
	return took
}

// staysUntilOld: a connection is given until it is too old. When the pool has closed one for its age, this one no longer counts
// for Keep. A slow attempt proves nothing: the next one has a longer MaxIdle.
func staysUntilOld(t *testing.T, g *grading.Grader) {
	const attempts = 3
	limit := 250 * time.Millisecond
	for range attempts {
		if isInTime := giveAtLast(t, g, limit); isInTime {
			return
		}
		limit *= 2
	}
}

func giveAtLast(t *testing.T, g *grading.Grader, limit time.Duration) (isInTime bool) {
	p := newPoolOf(t, g, limit, 2)
	defer p.end()
	g.Step("two connections are put; MaxIdle is %v; one is given after 95%% of it, the other becomes too old, and two more are put", limit)
	old, last, next, another := p.get("connects"), p.get("connects"), p.get("connects"), p.get("connects")
	p.put(old)
	putLast := time.Now()
	p.put(last)
	time.Sleep(time.Until(putLast.Add(limit * 95 / 100)))
	got := p.get("too-old")
	isInTime = time.Since(putLast) < limit
	g.Expect(!isInTime || got.Local == last.Local, grading.Finding{
		Sentence: "too-old", Mistake: "Get doesn't give a connection that isn't too old yet", Expected: last.Local, Seen: got.Local,
	})
	p.awaitClosed("too-old", old)
	putNext := time.Now()
	p.put(next)
	p.put(another)
	for _, c := range []pooled{another, next} {
		got := p.get("at-most")
		if time.Since(putNext) >= limit {
			return false
		}
		g.Expect(got.Local == c.Local, grading.Finding{
			Sentence: "at-most", Mistake: "a connection is closed, or not given, although no more than Keep are idle: those that are closed don't count",
			Expected: c.Local, Seen: got.Local,
		})
	}
	return isInTime
}

// givesAgain puts a connection, and expects that Get gives it. If that takes limit or longer, the pool may have closed the
// connection, and the result is false.
func (p *pool) givesAgain(c *pooled, limit time.Duration) (isInTime bool) {
	p.t.Helper()
	began := time.Now()
	p.put(*c)
	got := p.get("reuses")
	isInTime = time.Since(began) < limit
	p.g.Expect(!isInTime || got.Local == c.Local, grading.Finding{
		Sentence: "reuses", Mistake: "Get doesn't give the connection that was put last", Expected: c.Local + ", which can be used", Seen: got.Local,
	})
	*c = got
	return isInTime
}
