package exercise_test

import (
	"fmt"
	"math/rand/v2"
	"sync/atomic"
	"time"

	"socketlabs/harness/grading"
	"socketlabs/harness/story"
)

// callersDeadlineEndsReads: the caller's deadline ends a read whose timeout is longer, and one without a timeout. The caller sets the
// deadline by SetDeadline, and then by SetReadDeadline.
func callersDeadlineEndsReads(g *grading.Grader) {
	timeouts := []time.Duration{0, time.Minute}
	rand.Shuffle(len(timeouts), func(i, k int) { timeouts[i], timeouts[k] = timeouts[k], timeouts[i] })
	for _, timeout := range timeouts {
		s := newScripted()
		p := aroundScript(g, s, timeout)
		until := grading.Between(30*time.Millisecond, 60*time.Millisecond)
		g.Step("a read with a timeout of %v; the caller's deadline, set by SetDeadline, is in %v", timeout, until)
		deadline := time.Now().Add(until).Round(0)
		err := p.setBy("SetDeadline", deadline)
		read, write := s.deadlines()
		g.Expect(err == nil && read.Equal(deadline) && write.Equal(deadline), grading.Finding{
			Sentence: "both-set",
			Mistake:  "SetDeadline does not set both deadlines of the Conn",
			Expected: "no error, and " + moment(deadline) + " for reads and for writes",
			Seen:     fmt.Sprintf("%v; for reads %s, for writes %s", err, moment(read), moment(write)),
			Read:     "lab01_timeout/TestReadDeadlineLeavesWritesAlone",
		})
		got := p.read(until, grading.Finding{
			Sentence: "caller-deadline",
			Mistake:  "a read does not end at the caller's deadline",
			Expected: "a timeout, when the deadline has passed",
			Read:     "lab01_timeout/TestOneDeadlineBoundsWholeExchange",
		})
		g.Expect(got.isTimeout() && !time.Now().Before(deadline), grading.Finding{
			Sentence: "caller-deadline",
			Mistake:  "a read does not end at the caller's deadline",
			Expected: "a timeout, when the deadline has passed",
			Seen:     fmt.Sprintf("%v, with %s", got, moment(deadline)),
			Read:     "lab01_timeout/TestOneDeadlineBoundsWholeExchange",
		})
		p.expectDeadlines(s, deadline, deadline)
		s.change(func() { s.results = []scriptedRead{{data: []byte("!")}} })
		got = p.read(0, hasCome)
		g.Expect(got.isTimeout(), grading.Finding{
			Sentence: "caller-deadline",
			Mistake:  "a read overwrites the caller's deadline",
			Expected: "once the deadline has passed, every read fails, even one that need not wait",
			Seen:     got.String(),
			Read:     "lab01_timeout/TestExpiredDeadlineFailsEvenWithDataReady",
		})
		p.expectDeadlines(s, deadline, deadline)
		p.setReadDeadline(time.Now().Add(until))
		p.expectBytesOfTimeout(timeout, until, timeout)
	}
}

// movedDeadlines: while a read waits, the caller moves the deadline twice: to before the end of the timeout, to after it, or away.
func movedDeadlines(g *grading.Grader) {
	const (
		step  = 60 * time.Millisecond
		never = 0
	)
	moves := []struct {
		says          string
		timeout       time.Duration
		from, via, to time.Duration // when the deadline is: before the read, after the first move, after the second move
	}{
		{"sets a deadline that is before the timeout", time.Minute, never, time.Hour, 3 * step},
		{"sets a deadline, and there is no timeout", never, time.Minute, time.Hour, 3 * step},
		{"takes a later deadline away, and the timeout remains", 3 * step, 4 * step, time.Hour, never},
		{"moves a deadline that was before the timeout to after it", 3 * step, 2 * step, 30 * time.Second, time.Minute},
		{"sets a deadline that is before the timeout, and takes it away at once", 3 * step, never, 2 * step, never},
	}
	var judges []func()
	for _, i := range rand.Perm(len(moves) * len(waysToSet)) { // concurrently: each of them waits
		move, way := moves[i/2], waysToSet[i%2]
		p := aroundScript(g, newScripted(), move.timeout)
		s, begun := p.script, time.Now()
		at := func(after time.Duration) (deadline time.Time) {
			if after != never {
				deadline = begun.Add(after).Round(0)
			}
			return deadline
		}
		p.setReadDeadline(at(move.from))
		says := fmt.Sprintf("while a read waits, the caller %s, by %s", move.says, way)
		g.Step("%s", says)
		reading := p.begin()
		s.await(func() bool { return len(s.reads) > 0 }, grading.Patience)
		if time.Since(begun) > 3*step/2 {
			s.change(func() { s.results = []scriptedRead{{}} })
			reading.Wait(0, hasCome) // the machine is so busy that it is too late to move the deadline
			continue
		}
		p.setBy(way, at(move.via))
		p.setBy(way, at(move.to))
		_, write := s.deadlines()
		g.Expect(way != "SetDeadline" || write.Equal(at(move.to)), grading.Finding{
			Sentence: "both-set",
			Mistake:  "SetDeadline does not set the Conn's deadline for writes while a read waits",
			Expected: moment(at(move.to)),
			Seen:     moment(write),
			Read:     "lab01_timeout/TestReadDeadlineLeavesWritesAlone",
		})
		if time.Since(begun) > 3*step/2 {
			s.change(func() { s.results = []scriptedRead{{}} })
			reading.Wait(0, hasCome)
			continue
		}
		judges = append(judges, func() {
			g.Step("%s", says)
			f := grading.Finding{
				Sentence: "moved-deadline",
				Mistake:  "a deadline that the caller moves while a read waits does not count for that read as it should",
				Expected: "a timeout after " + story.Exactly(3*step),
				Read:     "lab01_timeout/TestPastDeadlineFreesBlockedRead",
			}
			reading.Wait(3*step, f)
			f.Seen = reading.String()
			g.Expect(reading.isTimeout() && reading.begun.Add(reading.took).Sub(begun) >= 3*step-slack, f)
			_, writes := s.deadlines()
			p.expectDeadlines(s, at(move.to), writes)
		})
	}
	for _, judge := range judges {
		judge()
	}
}

// overtaking: the caller sets a deadline while the read sets one, and the Conn is slow to accept the read's. Afterwards, the caller's
// must be in force.
func overtaking(g *grading.Grader) {
	for _, when := range []string{"before it waits", "when it is done"} {
		s := newScripted()
		p := aroundScript(g, s, time.Minute)
		if when == "when it is done" {
			s.results = []scriptedRead{{data: []byte("!")}}
		}
		var first atomic.Bool
		held, release := false, make(chan struct{})
		s.settingRead = func(time.Time) error {
			if when == "when it is done" && s.countReads() == 0 {
				return nil
			}
			if first.CompareAndSwap(false, true) {
				s.change(func() { held = true })
				<-release
			}
			return nil
		}
		g.Step("a read sets a deadline at the Conn %s, and the Conn is slow to accept it; meanwhile the caller sets another", when)
		reading := p.begin()
		if when == "when it is done" {
			done := make(chan struct{})
			go func() {
				s.await(func() bool { return held }, grading.Patience)
				close(done)
			}()
			reading.Reaches(done, 0, hasCome)
		} else {
			s.await(func() bool { return held || len(s.reads) > 0 }, grading.Patience)
		}
		deadline := time.Now().Add(100 * time.Millisecond).Round(0)
		setting := g.Go("SetReadDeadline", func() { p.SetReadDeadline(deadline) })
		s.await(func() bool { return s.readBy.Equal(deadline) }, 50*time.Millisecond) // a mutex may keep this deadline from the Conn until then
		close(release)
		setting.Wait(0, grading.Finding{
			Sentence: "moved-deadline",
			Mistake:  "SetReadDeadline waits for the read",
			Expected: "it returns, even while a read waits",
			Read:     "lab01_timeout/TestPastDeadlineFreesBlockedRead",
		})
		f := grading.Finding{
			Sentence: "caller-deadline",
			Mistake:  "the deadline of a read replaces the caller's, which was set at the same time",
			Expected: "the caller's deadline is in force when SetReadDeadline has returned, although two goroutines set one",
			Read:     "lab01_timeout/TestPastDeadlineFreesBlockedRead",
		}
		reading.Wait(100*time.Millisecond, f)
		now, _ := s.deadlines()
		f.Seen = moment(now) + " in place of " + moment(deadline)
		g.Expect(now.Equal(deadline), f)
	}
}

// timeoutStays: the caller moves the deadline again and again while a read waits, and the read still times out. On a busy machine, it
// may be late, which proves nothing: at least one of several attempts must be in time. Each attempt has a longer timeout.
func timeoutStays(g *grading.Grader) {
	const attempts = 4
	timeout := grading.Between(50*time.Millisecond, 80*time.Millisecond)
	f := grading.Finding{
		Sentence: "moved-deadline",
		Mistake:  "setting a deadline changes when a waiting read times out",
		Read:     "lab01_timeout/TestReceiveTimeoutIsForEachCall",
	}
	for range attempts {
		g.Step("while a read waits for %v, the caller sets one deadline after another, all of them far away, and removes some", timeout)
		p := aroundScript(g, newScripted(), timeout)
		f.Expected = "a timeout after " + story.Duration(timeout)
		reading := p.begin()
		for i := 0; i < 16 && !reading.ReturnsWithin(0); i++ { // for four times the timeout
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
