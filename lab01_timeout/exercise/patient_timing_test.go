package exercise_test

import (
	"fmt"
	"time"

	"socketlabs/harness/grading"
	"socketlabs/harness/story"
)

// notAMomentLess: a timeout of no whole milliseconds is kept, too. A timer may be late, and hide that: of many reads the
// quickest counts.
func notAMomentLess(g *grading.Grader) {
	const timeout, reads = 3*time.Millisecond - time.Microsecond, 30
	g.Step("%d reads from a silent server, with a timeout of %v", reads, timeout)
	p, _ := newPatient(g, timeout)
	var quickest time.Duration
	g.Call("Read", reads*timeout, grading.Finding{
		Sentence: "times-out",
		Mistake:  "a read has no timeout",
		Expected: "it returns when the time is over",
		Read:     "lab01_timeout/TestReadDeadlineFreesReader",
	}, func() { quickest = quickestRead.On(g, manyReads{p.of, reads}) })
	g.Expect(quickest >= timeout, grading.Finding{
		Sentence: "whole-timeout",
		Mistake:  "a read does not have the whole timeout",
		Expected: "each waits for " + timeout.String(),
		Seen:     fmt.Sprintf("one of %d waits for %v", reads, quickest),
		Read:     "lab01_timeout/TestDeadlineSetOnceEndsConversation",
	})
}

// timeoutStays: the caller moves the deadline again and again while a read waits, and the read times out all the same. A
// busy machine may be late, and that says nothing: one of several attempts has to be in time, with a longer timeout each.
func timeoutStays(g *grading.Grader) {
	const attempts = 4
	timeout := grading.Between(50*time.Millisecond, 80*time.Millisecond)
	f := grading.Finding{
		Sentence: "moved-deadline",
		Mistake:  "a deadline that the caller moves while a read waits changes when the read times out",
		Read:     "lab01_timeout/TestReceiveTimeoutIsForEachCall",
	}
	for range attempts {
		g.Step("while a read waits for %v, the caller sets one deadline after another, all of them far away, and none", timeout)
		p := around(g, g.Script(newScripted()), timeout)
		f.Expected = "a timeout after " + story.Duration(timeout)
		reading := p.begin()
		for i := 0; i < 16 && !hasReturned(reading); i++ { // for four times the timeout
			far := time.Time{}
			if i%3 > 0 {
				far = time.Now().Add(time.Duration(i%3) * time.Hour).Round(0)
			}
			p.setReadDeadline(far)
			time.Sleep(timeout / 4)
		}
		reading.Wait(timeout, f)
		p.expectTimeout(reading.result, timeout)
		if reading.took < 5*timeout/2 {
			return
		}
		f.Seen = reading.String()
		timeout *= 2
	}
	g.Expect(false, f)
}

func hasReturned(r *reading) bool {
	select {
	case <-r.Returned():
		return true
	default:
		return false
	}
}
