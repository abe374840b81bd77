package exercise_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"os"
	"syscall"
	"time"

	"socketlabs/harness/grading"
	"socketlabs/harness/story"
)

// otherErrors: the connection breaks, at the beginning or after a timeout.
func otherErrors(g *grading.Grader) {
	broken := grading.Mark("the tunnel has broken down")
	for _, fails := range []struct{ with, is error }{
		{broken, broken},
		{fmt.Errorf("writing: %w", broken), broken},
		{errors.Join(io.ErrClosedPipe, broken), broken},
		{&net.OpError{Op: "write", Net: "tcp", Err: os.NewSyscallError("write", syscall.ETIMEDOUT)}, syscall.ETIMEDOUT},
		{fmt.Errorf("the tunnel: %w", context.DeadlineExceeded), context.DeadlineExceeded},
	} {
		size, first := 2+rand.N(10<<10), rand.N(2) // timeouts before
		g.Step("a connection that fails in the middle of %d bytes, after %s: %s", size, story.Count(first, "timeout"), inOneLine(fails.with))
		fail := func(c *scripted) { c.fails = fails.with }
		s := ship(g, size, short(), func(c *scripted) {
			if c.room = 1 + rand.N(size/2); first == 0 {
				fail(c)
			}
		}, func(s *shipping, asked int) bool {
			s.script.change(func() { s.script.room = 1; fail(s.script) })
			return asked < tooOften
		})
		s.end(first)
		g.Expect(len(s.asked) <= len(s.timeouts()), grading.Finding{
			Sentence: "other-error",
			Mistake:  "it takes an error for a timeout that is none",
			Expected: "SendAll returns the error, and does not ask goOn",
			Seen:     s.String(),
			Read:     "lab01_timeout/TestErrorsTellSlowFromDead",
		})
		g.Expect(errors.Is(s.err, fails.is), grading.Finding{
			Sentence: "other-error",
			Mistake:  "an error that is no timeout is lost",
			Expected: "an error by which errors.Is finds: " + fails.is.Error(),
			Seen:     s.String(),
			Read:     "lab01_timeout/TestErrorsTellSlowFromDead",
		})
		s.expectCount(len(s.script.taken))
		s.expectQuestions()
	}
}

// refusedDeadline: the connection takes no deadline.
func refusedDeadline(g *grading.Grader) {
	refused := grading.Mark("this tunnel has no deadlines")
	g.Step("a connection that refuses every deadline")
	s := ship(g, 100, time.Minute, func(c *scripted) { c.room, c.refusesWrite = 100, refused }, func(*shipping, int) bool { return false })
	s.end(0)
	g.Expect(errors.Is(s.err, refused) && len(s.script.taken) == 0, grading.Finding{
		Sentence: "other-error",
		Mistake:  "it goes on without its deadline",
		Expected: "0, and an error by which errors.Is finds: " + refused.Error(),
		Seen:     s.String(),
	})
	s.expectCount(0)
}

// expectSame says where what was received differs from what was sent.
func expectSame(g *grading.Grader, sent, got []byte) {
	if bytes.Equal(sent, got) {
		return
	}
	f := grading.Finding{
		Sentence: "sends-all",
		Mistake:  "the server has not read what was to be sent",
		Expected: fmt.Sprintf("the data, %s", story.Count(len(sent), "byte")),
		Read:     "lab01_timeout/TestTimedOutWriteCanBeResumed",
	}
	differ := 0
	for differ < min(len(sent), len(got)) && sent[differ] == got[differ] {
		differ++
	}
	const enough = 8 // bytes, which are nowhere else
	rest := got[differ:]
	goesOn := -1 // where in data
	if len(rest) >= enough {
		goesOn = bytes.Index(sent, rest[:enough])
	}
	switch {
	case len(rest) == 0:
		f.Mistake = "the rest is lost"
		f.Seen = fmt.Sprintf("the first %d of them", len(got))
	case goesOn > differ:
		f.Mistake = "some of it is lost in the middle"
		f.Seen = fmt.Sprintf("%s, and at byte %d some are missing", story.Count(len(got), "byte"), differ)
	case goesOn >= 0:
		f.Mistake = "the server has some of it twice"
		f.Seen = fmt.Sprintf("%s, and at byte %d some begins again that was there before", story.Count(len(got), "byte"), differ)
	default:
		f.Seen = fmt.Sprintf("%s, and at byte %d others follow", story.Count(len(got), "byte"), differ)
	}
	g.Expect(false, f)
}

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
			func(*shipping, int) bool { return false })
		s.end(1)
		s.expectQuestions()
		f.Expected = "each write has " + story.Duration(patience)
		if len(s.timeouts()) > 0 { // a machine that takes long to hand over so much data
			f.Seen = "one times out, and did so with less"
			patience *= 2
			continue
		}
		s.expectSent(s.data.Bytes(), s.script.taken)
		least := patience
		for _, w := range s.script.writes {
			least = min(least, w.has)
		}
		if least >= patience*8/10 {
			return
		}
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
