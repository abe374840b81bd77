package exercise_test

import (
	"fmt"
	"math"
	"net"
	"time"

	"socketlabs/harness/grading"
	"socketlabs/harness/story"
)

// briefPatience: patience is shorter than the units in which timeouts are often counted, such as a millisecond. Code that rounds
// patience down gives up too early, unless the machine is busy at this moment.
func briefPatience(g *grading.Grader) {
	g.T().Helper()
	for _, patience := range []time.Duration{1, 300 * time.Microsecond, 700 * time.Microsecond, 900 * time.Microsecond, 999 * time.Microsecond} {
		for attempt := 1; ; attempt++ {
			g.Step("a client does nothing; patience is %v", patience)
			s := stays{staying{does: "does nothing"}, begin(g, 50, patience, func(*net.TCPConn) {})}
			s.runsOut()
			g.Expect(len(s.Left) == 0, grading.Finding{
				Sentence: "no-trace",
				Mistake:  "the connection is closed only after the call has returned",
				Expected: "the server's socket is gone when the call returns",
				Seen:     inWords(s.Left),
				Read:     "lab02_reuseaddr/TestLingerZeroLeavesNoTimeWait",
			})
			if s.took < atOnce {
				break
			}
			g.Expect(attempt < attempts, s.tooLate())
		}
	}
}

// longPatience: patience is so long that it overflows in code that converts it to another unit, or adds it to a time.
func longPatience(g *grading.Grader) {
	g.T().Helper()
	var all []*conversation
	for _, patience := range []time.Duration{30 * 24 * time.Hour, math.MaxInt64} {
		g.Step("a client reads its answer after a moment, and hangs up; patience is %v", patience)
		all = append(all, begin(g, 50, patience, func(*net.TCPConn) {}))
	}
	for _, c := range all {
		if c.ReturnsWithin(50 * time.Millisecond) {
			c.Wait(0, grading.Finding{}) // ends the grading if the call has panicked
			g.Expect(false, grading.Finding{
				Sentence: "whole-patience",
				Mistake:  "a long patience is over at once: it overflows when it is converted to another unit, or added to a time",
				Expected: "EndConversation gives the client " + story.Duration(c.patience),
				Seen:     fmt.Sprintf("EndConversation returns after %s, with %v", story.Duration(c.took), c.err),
				Read:     "lab01_timeout/TestOneDeadlineBoundsWholeExchange",
			})
		}
		c.readAnswer()
		c.hangUp()
	}
}
