package exercise_test

import (
	"testing"
	"time"

	"socketlabs/harness/grading"
	"socketlabs/harness/link"
	"socketlabs/harness/story"
)

// judgeAges: a busy machine may be late, and that says nothing: one of several attempts has to be in time, with longer
// limits each.
func judgeAges(t *testing.T, g *grading.Grader) {
	const attempts = 3
	limit, took := 300*time.Millisecond, time.Duration(0)
	for range attempts {
		if took = growsOld(t, g, limit); took < limit*3/2 {
			return
		}
		limit *= 2
	}
	g.Expect(false, grading.Finding{
		Sentence: "too-old", Mistake: "a connection stays open for longer than MaxIdle",
		Expected: "it is closed after " + story.Duration(limit/2), Seen: "it is closed after " + story.Duration(took),
	})
}

// growsOld: who is idle for too long is not given, and is closed, after a time that is returned.
func growsOld(t *testing.T, g *grading.Grader, limit time.Duration) (took time.Duration) {
	p := newPoolOf(t, g, limit, 5)
	defer p.end()
	g.Step("connections may be idle for %v; one's host vanishes, and one is in use for longer", limit)
	vanishes, used := p.get("connects"), p.get("connects")
	p.put(used)
	used = p.expectSame("reuses", used) // a timer of the first Put must not end it
	link.Vanish(g.Experiment, p.accepted(vanishes))
	began := time.Now()
	p.put(vanishes)
	p.awaitClosed("too-old", vanishes)
	took = time.Since(began)
	notEarly := func(took time.Duration) {
		g.Expect(took >= limit, grading.Finding{
			Sentence: "too-old", Mistake: "a connection is closed before it is too old",
			Expected: "after it was idle for " + story.Duration(limit), Seen: "after " + story.Duration(took),
		})
	}
	notEarly(took)
	time.Sleep(time.Until(began.Add(limit)))
	p.ask("in-use", used)
	p.ask("too-old", p.get("too-old"))
	began = time.Now()
	p.put(used)
	p.awaitClosed("too-old", used)
	notEarly(time.Since(began))
	return took
}
