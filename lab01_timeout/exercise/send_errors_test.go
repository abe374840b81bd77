package exercise_test

import (
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
