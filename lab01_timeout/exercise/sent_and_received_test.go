package exercise_test

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"time"

	"socketlabs/harness/grading"
	"socketlabs/harness/story"
)

const enough = 8 // so many bytes in a row occur only once in the data

// short returns a short patience.
func short() time.Duration { return grading.Between(40*time.Millisecond, 60*time.Millisecond) }

// expectSame says where what was received differs from what was sent.
func expectSame(g *grading.Grader, sent, got []byte) {
	if bytes.Equal(sent, got) {
		return
	}
	f := grading.Finding{
		Sentence: "sends-all",
		Mistake:  "the server has not read the data that SendAll was to send",
		Expected: fmt.Sprintf("the data, %s", story.Count(len(sent), "byte")),
		Read:     "lab01_timeout/TestTimedOutWriteCanBeResumed",
	}
	differ := 0
	for differ < min(len(sent), len(got)) && sent[differ] == got[differ] {
		differ++
	}
	rest := got[differ:]
	goesOn := -1 // where in data
	if len(rest) >= enough {
		goesOn = bytes.Index(sent, rest[:enough])
	}
	switch {
	case len(rest) == 0:
		f.Mistake = "the rest is lost"
		f.Seen = fmt.Sprintf("only the first %d of them", len(got))
	case goesOn > differ:
		f.Mistake = "some of it is lost in the middle"
		f.Seen = fmt.Sprintf("%s, and at byte %d some are missing", story.Count(len(got), "byte"), differ)
	case goesOn >= 0:
		f.Mistake = "the server has some of it twice"
		f.Seen = fmt.Sprintf("%s, and from byte %d on, earlier bytes come again", story.Count(len(got), "byte"), differ)
	default:
		f.Seen = fmt.Sprintf("%s, which differ from the data at byte %d", story.Count(len(got), "byte"), differ)
	}
	g.Expect(false, f)
}

// slowAtFirst: the connection takes nothing for a while, and then everything at once. Code that writes in pieces must give each piece its
// whole patience. On a busy machine, a write may be late, which proves nothing: at least one of several attempts must be in time. Each
// attempt has more patience.
func slowAtFirst(g *grading.Grader) {
	patience, f := short(), grading.Finding{
		Sentence: "whole-patience",
		Mistake:  "a write does not have its whole time: a deadline that was set for an earlier one cuts it short",
		Read:     "lab01_timeout/TestDeadlineSetOnceEndsConversation",
	}
	for most := 32 * patience; patience <= most; patience *= 2 {
		size := 200<<10 + rand.N(100<<10)
		g.Step("%d bytes, %v for each write, and a connection that is slow to take the first one", size, patience)
		s := ship(g, size, patience, func(c *scripted) { c.room, c.first = size, patience*6/10 },
			func(*shipping, int) bool { return false })
		s.end(1)
		f.Expected = "each write has " + story.Duration(patience)
		if len(s.timeouts()) > 0 { // on a busy machine, so much data takes long to reach the script
			f.Seen = "a write times out, and one did with less patience"
			continue
		}
		s.expectCallsOfGoOn()
		s.expectSent(s.data.Bytes(), s.script.taken)
		has := []time.Duration{patience}
		for _, w := range s.script.writes {
			if !w.by.IsZero() {
				has = append(has, w.by.Sub(w.began))
			}
		}
		slices.Sort(has)
		least := has[len(has)/20] // of many writes, a few may come late to the script
		if least >= patience*8/10 {
			return
		}
		f.Seen = fmt.Sprintf("one of %s has %s until its deadline", story.Count(len(s.script.writes), "write"), story.Duration(max(0, least)))
	}
	g.Expect(false, f)
}

// manyTimeouts: goOn returns true more than 100 times, and the patience is short. On a busy machine, a write may be late, which proves
// nothing: only the quickest write counts. If too few writes reach the connection in time, the next attempt has more patience.
func manyTimeouts(g *grading.Grader) {
	most := 101 + rand.N(20)
	for _, patience := range []time.Duration{700 * time.Microsecond, 3 * time.Millisecond, 10 * time.Millisecond} {
		g.Step("a connection that takes a byte after each timeout of %v; goOn returns true %d times", patience, most)
		s := ship(g, most, patience, func(*scripted) {}, func(s *shipping, asked int) bool {
			s.script.change(func() { s.script.room = 1 })
			return asked < tooOften
		})
		s.end(tooOften)
		s.expectCallsOfGoOn()
		timeouts, after := s.timeouts(), []time.Duration{}
		for i, asked := range s.at {
			has := asked.Sub(s.from[i])
			if w := timeouts[i]; w.by.After(s.from[0]) { // the deadline in force when it began; a timer's comes from long ago
				has = min(has, w.by.Sub(s.from[i].Round(0)))
			}
			after = append(after, has)
		}
		slices.Sort(after)
		quickest, early := after[0], after[len(after)/10] // not the quickest: the clock may be set in between
		g.Expect(early >= patience*9/10, grading.Finding{
			Sentence: "whole-patience",
			Mistake:  "writes do not have their whole time",
			Expected: "each waits for " + patience.String(),
			Seen:     fmt.Sprintf("a tenth of them wait for %v at most", early),
			Read:     "lab01_timeout/TestWriteDeadlineFreesWriter",
		})
		if len(s.asked) == tooOften && patience < 10*time.Millisecond {
			s.expectGivenUp()
			continue
		}
		s.expectSent(s.data.Bytes(), s.script.taken)
		g.Expect(quickest < patience+10*time.Millisecond, grading.Finding{
			Sentence: "write-patience",
			Mistake:  "writes wait for longer than patience",
			Expected: "each waits for " + patience.String(),
			Seen:     fmt.Sprintf("the shortest time from one call of goOn to the next is %s", story.Duration(quickest)),
			Read:     "lab01_timeout/TestWriteDeadlineFreesWriter",
		})
		return
	}
}

// silence: the connection takes nothing for several timeouts.
func silence(g *grading.Grader) {
	size, most := 1+rand.N(1000), 4+rand.N(3)
	g.Step("%d bytes, and a connection that takes none of them before timeout %d", size, most)
	s := ship(g, size, grading.Between(10*time.Millisecond, 20*time.Millisecond), func(*scripted) {}, func(s *shipping, asked int) bool {
		if asked == most {
			s.script.change(func() { s.script.room = size })
		}
		return asked < tooOften
	})
	s.end(most)
	s.expectCallsOfGoOn()
	s.expectPatience(s.patience)
	s.expectSent(s.data.Bytes(), s.script.taken)
}

// expectTimeAtConn checks that no write had a deadline before the end of its patience. This grades a long patience without waiting for
// its end. Code that measures the time in another way sets no deadline on the connection, and passes.
func (s *shipping) expectTimeAtConn() {
	s.g.T().Helper()
	last := s.from[0] // when the write could begin at the earliest
	for i, w := range s.script.writes {
		for _, answered := range s.from {
			if answered.Before(w.began) && answered.After(last) {
				last = answered
			}
		}
		has, least := w.by.Sub(last.Round(0)), s.patience-slack
		isOver := w.began.Sub(last) >= least // the patience was over before the write began: the machine is busy
		s.g.Expect(w.by.IsZero() || isOver || has >= least, grading.Finding{
			Sentence: "whole-patience",
			Mistake:  "a write does not have its whole time",
			Expected: s.patience.String() + " from its beginning to its deadline",
			Seen:     fmt.Sprintf("write %d has %v at most", i+1, has),
			Read:     "lab01_timeout/TestExpiredDeadlineFailsEvenWithDataReady",
		})
		last = w.began.Add(w.took)
	}
}

// longestPause returns the longest time from the end of a call of goOn to the next write.
func (s *shipping) longestPause() (longest time.Duration) {
	for _, answered := range s.from[1:] {
		for _, w := range s.script.writes {
			if w.began.After(answered) {
				longest = max(longest, w.began.Sub(answered))
				break
			}
		}
	}
	return longest
}

// keptDeadlines: SendAll has a reason to end, and then the connection refuses to remove its deadline. SendAll must return the reason.
func keptDeadlines(g *grading.Grader) {
	for _, fails := range []error{nil, grading.Mark("the tunnel has broken down")} {
		part, patience, is, sentence, reason := 1+rand.N(90), short(), os.ErrDeadlineExceeded, "gives-up", "goOn returns false"
		if fails != nil {
			patience, is, sentence, reason = time.Minute, fails, "other-error", "a write fails: "+inOneLine(fails)
		}
		g.Step("a connection that takes %d of 100 bytes; then %s, and the deadline can't be removed", part, reason)
		s := ship(g, 100, patience, func(c *scripted) {
			c.room, c.fails = part, fails
			c.settingWrite = func(moment time.Time) error {
				c.mu.Lock()
				defer c.mu.Unlock()
				if last := len(c.writes) - 1; !moment.IsZero() || last < 0 || c.writes[last].err == nil || c.fails == nil {
					return nil
				}
				c.writeBy = time.Time{} // removes it: end expects no deadline
				return grading.Mark("this tunnel keeps its deadline")
			}
		}, func(s *shipping, _ int) bool {
			s.script.change(func() { s.script.fails = os.ErrDeadlineExceeded }) // for one more write, which SendAll must not make
			return false
		})
		s.end(1)
		g.Expect(errors.Is(s.err, is), grading.Finding{
			Sentence: sentence,
			Mistake:  "the refusal to remove the deadline hides why SendAll ends",
			Expected: "an error in which errors.Is finds: " + is.Error(),
			Seen:     s.String(),
		})
		s.expectCount(len(s.script.taken)) // less than part if a busy machine has delayed the write until its deadline
	}

	g.Step("a connection that takes all of 100 bytes, and then its deadline can't be removed")
	refused := grading.Mark("this tunnel keeps its deadline")
	s := ship(g, 100, time.Minute, func(c *scripted) {
		c.room = 100
		c.settingWrite = func(moment time.Time) error {
			c.mu.Lock()
			defer c.mu.Unlock()
			if !moment.IsZero() || len(c.taken) == 0 {
				return nil
			}
			c.writeBy = time.Time{}
			return refused
		}
	}, func(*shipping, int) bool { return false })
	s.end(0)
	s.expectCount(100)
	g.Expect(s.err == nil || errors.Is(s.err, refused), grading.Finding{
		Sentence: "counts-all",
		Mistake:  "it returns an error that did not come from the connection",
		Expected: "100, and either no error or the refusal",
		Seen:     s.String(),
	})
}
