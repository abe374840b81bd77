package exercise_test

import (
	"fmt"
	"math/rand/v2"
	"time"

	"socketlabs/harness/grading"
	"socketlabs/harness/story"
)

// slowAtFirst: the connection takes its time over the first write, and then everything at once. Who writes in pieces gives
// each its patience. A busy machine may be late, and that says nothing: one of several attempts has to be in time, with more
// patience each time.
func slowAtFirst(g *grading.Grader) {
	const attempts = 6
	patience, f := short(), grading.Finding{
		Sentence: "whole-patience",
		Mistake:  "a write does not have its whole time: a deadline that was set for an earlier one cuts it short",
		Read:     "lab01_timeout/TestDeadlineSetOnceEndsConversation",
	}
	for range attempts {
		size := 200<<10 + rand.N(100<<10)
		g.Step("%d bytes, %v for each write, and a connection that takes its time over the first one", size, patience)
		s := ship(g, size, patience, func(c *scripted) { c.room, c.first = size, patience*6/10 },
			func(_ *shipping, asked int) bool { return asked < tooOften })
		s.end(1)
		s.expectQuestions()
		s.expectSent(s.data.Bytes(), s.script.taken)
		least := patience
		for _, w := range s.script.writes {
			least = min(least, w.has)
		}
		isJudged := len(s.timeouts()) == 0 // else the first write was late, and has had the others' time
		if isJudged && least >= patience*8/10 {
			return
		}
		f.Expected = "each write has " + story.Duration(patience)
		f.Seen = fmt.Sprintf("one of %s has %s", story.Count(len(s.script.writes), "write"), story.Duration(max(0, least)))
		patience *= 2
	}
	g.Expect(false, f)
}

// manyTimeouts: goOn says yes more often than anybody would think of.
func manyTimeouts(g *grading.Grader) {
	const patience = time.Millisecond
	most := 101 + rand.N(20)
	g.Step("a connection that takes a byte after each timeout; goOn says yes %d times", most)
	s := ship(g, most, patience, func(*scripted) {}, func(s *shipping, asked int) bool {
		s.script.change(func() { s.script.room = 1 })
		return asked < tooOften
	})
	s.end(most)
	s.expectQuestions()
	s.expectSent(s.data.Bytes(), s.script.taken)
}
