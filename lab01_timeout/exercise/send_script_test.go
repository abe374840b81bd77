package exercise_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"time"

	"socketlabs/harness/grading"
	"socketlabs/harness/story"
)

// shipping is a call of SendAll on a scripted connection.
type shipping struct {
	*sending
	script   *scripted
	data     grading.Data
	patience time.Duration
	readBy   time.Time // the caller's deadline for reads
}

// ship begins a call on a scripted connection, which prepare sets up. If there is little data, removing a deadline takes 2 ms. So if
// SendAll leaves this to another goroutine, the deadline is still set when SendAll returns.
func ship(g *grading.Grader, size int, patience time.Duration, prepare func(*scripted), says func(s *shipping, asked int) bool) *shipping {
	s := &shipping{script: newScripted(), data: grading.NewData(size), patience: patience}
	if rand.N(2) == 0 {
		s.readBy = time.Now().Add(time.Hour).Round(0)
	}
	s.script.readBy = s.readBy
	s.script.settingWrite = func(moment time.Time) error {
		if moment.IsZero() && size <= 10<<10 {
			time.Sleep(2 * time.Millisecond)
		}
		return nil
	}
	prepare(s.script)
	started := make(chan struct{})
	s.sending = send(g, g.Script(s.script), s.data, s.patience, func(asked int) bool { <-started; return says(s, asked) })
	close(started)
	return s
}

// end waits for the call, and checks in which state it leaves the connection.
func (s *shipping) end(timeouts int) {
	s.g.T().Helper()
	s.script.awaitProgress(s.Running)
	s.WaitOrSee(time.Duration(timeouts)*s.patience, s.stuck)
	s.tell()
	s.expectNoDeadline("it leaves its deadline behind")
	shipped = append(shipped, s)
	read, _ := s.script.deadlines()
	s.expectTimeAtConn()
	s.g.Expect(read.Equal(s.readBy), grading.Finding{
		Sentence: "conn-untouched",
		Mistake:  "it disturbs the caller's read deadline",
		Expected: moment(s.readBy) + ", as before",
		Seen:     moment(read),
		Read:     "lab01_timeout/TestWriteDeadlineLeavesReadsAlone",
	})
	s.g.Expect(!s.script.closed && s.script.countReads() == 0, grading.Finding{
		Sentence: "conn-untouched",
		Mistake:  "it does more with the connection than write to it",
		Expected: "the connection is open, and nothing was read from it",
		Seen:     fmt.Sprintf("closed: %v; %s", s.script.closed, story.Count(s.script.countReads(), "read")),
	})
}

// stuck returns the finding for a call that does not return.
func (s *shipping) stuck() grading.Finding {
	f := grading.Finding{
		Sentence: "it-returns",
		Mistake:  "it waits for something other than its writes",
		Expected: "SendAll returns",
	}
	timedOut := len(s.timeouts())
	s.script.mu.Lock()
	defer s.script.mu.Unlock()
	switch {
	case s.script.writing == 0:
	case len(s.script.taken) == s.data.Size:
		f.Mistake = "it writes again when all of data is sent"
	case timedOut > 0 && !s.script.writeBy.IsZero():
		f.Sentence, f.Mistake = "write-patience", "a write waits for longer than patience"
		f.Expected = "a write ends after " + story.Duration(s.patience)
		f.Read = "lab01_timeout/TestWriteDeadlineFreesWriter"
	default:
		f.Sentence, f.Mistake = "write-patience", "a write has no timeout"
		f.Expected = "a write ends after " + story.Duration(s.patience)
		f.Read = "lab01_timeout/TestWriteDeadlineFreesWriter"
	}
	failed := len(s.script.failures())
	if s.script.writing == 0 && failed > 0 {
		f.Sentence, f.Mistake = "other-error", "it waits after an error that is no timeout"
		f.Read = "lab01_timeout/TestErrorsTellSlowFromDead"
	}
	if failed > 1 {
		f.Sentence, f.Mistake = "other-error", "it writes again after an error that is no timeout"
	}
	if timedOut > len(s.asked) {
		f.Sentence, f.Mistake = "asks-each", "goOn is not called exactly once for each write that has timed out"
		f.Expected = story.Count(timedOut, "call")
		f.Read = "lab01_timeout/TestTimedOutWriteCanBeResumed"
	}
	return f
}

// timeouts returns the writes that have timed out.
func (s *shipping) timeouts() (all []scriptedWrite) {
	s.script.mu.Lock()
	defer s.script.mu.Unlock()
	for _, w := range s.script.writes {
		if errors.Is(w.err, os.ErrDeadlineExceeded) {
			all = append(all, w)
		}
	}
	return all
}

// takenAtOnce: the connection has room for everything.
func takenAtOnce(g *grading.Grader) {
	for _, size := range []int{0, 1, 64 << 10, 1 + rand.N(100<<10)} {
		takes(g, size, 100*time.Hour)
	}
}

// endlessPatience: the patience is the longest Duration, so adding to it overflows.
func endlessPatience(g *grading.Grader) { takes(g, 1+rand.N(1000), forever) }

func takes(g *grading.Grader, size int, patience time.Duration) {
	g.Step("%d bytes, %v for each write, and a connection that takes them at once; the caller has left a write deadline", size, patience)
	prepare := func(c *scripted) { c.room, c.writeBy = size, time.Now().Add(time.Hour).Round(0) }
	s := ship(g, size, patience, prepare, func(_ *shipping, asked int) bool { return asked < tooOften })
	s.end(0)
	s.expectSent(s.data.Bytes(), s.script.taken)
	s.expectCallsOfGoOn()
}

func stalls(g *grading.Grader) { stallsWith(g, 100+rand.N(10<<10), short()) }

// stallsOften: there is much data, which some code sends in pieces. So much data takes long to reach the grader's process: if the patience
// were short, a write would time out before the script sees it.
func stallsOften(g *grading.Grader) { stallsWith(g, 200<<10+rand.N(50<<10), 3*short()) }

// stallsWith: the connection takes a part, then nothing until the write has timed out, and so on. On a busy machine, a write may be late,
// which proves nothing: at least one of several attempts must be in time. Each attempt has more patience.
func stallsWith(g *grading.Grader, size int, patience time.Duration) {
	const (
		attempts = 6
		longest  = time.Second
	)
	late, pause := time.Duration(0), time.Duration(0)
	for range attempts {
		most := 3 + rand.N(2)
		part := func() int { return enough + size/10 + rand.N(size/20) } // of much data, more than code sends in one piece
		without := 1 + rand.N(most-2)                                    // after this call of goOn, the connection takes nothing
		// In two calls, goOn takes long to return, as if it asked a person.
		pauses := map[int]time.Duration{without: patience / 2, without + 1: patience * 3 / 2}
		g.Step("%d bytes, and a connection that takes parts of them, %d times after a timeout", size, most)
		s := ship(g, size, patience, func(c *scripted) { c.room = part() }, func(s *shipping, asked int) bool {
			time.Sleep(pauses[asked])
			s.script.change(func() {
				switch {
				case asked >= most:
					s.script.room = size
				case asked == most-1: // all but the last few bytes
					s.script.room = max(0, size-len(s.script.taken)-1-rand.N(9))
				case asked != without:
					s.script.room = part()
				}
			})
			return asked < tooOften
		})
		s.end(2 * most)
		s.expectCallsOfGoOn()
		s.expectPatience(s.patience)
		s.expectSent(s.data.Bytes(), s.script.taken)
		if late, pause = s.longest(), s.longestPause(); late < patience*17/10 && pause < patience*7/10 {
			return
		}
		patience = min(2*patience, longest)
	}
	f := grading.Finding{
		Sentence: "write-patience",
		Mistake:  "a write waits for longer than patience",
		Expected: "it waits for " + story.Duration(patience),
		Seen:     fmt.Sprintf("it waits for %s, and was as late with less patience", story.Duration(late)),
		Read:     "lab01_timeout/TestWriteDeadlineFreesWriter",
	}
	g.Expect(late < patience*17/10, f)
	f.Sentence, f.Mistake, f.Expected = "it-returns", "it waits for something other than its writes", "after goOn, it writes at once"
	f.Seen = fmt.Sprintf("it writes %s after that, and waited as long with less patience", story.Duration(pause))
	g.Expect(false, f)
}

// expectCallsOfGoOn: goOn was called after every timeout, and told the sum.
func (s *shipping) expectCallsOfGoOn() {
	s.g.Expect(len(s.asked) == len(s.timeouts()), grading.Finding{
		Sentence: "asks-each",
		Mistake:  "goOn is not called exactly once for each write that has timed out",
		Expected: story.Count(len(s.timeouts()), "call"),
		Seen:     s.String(),
		Read:     "lab01_timeout/TestTimedOutWriteCanBeResumed",
	})
	var sums []int // what the connection had taken when each write timed out
	for _, w := range s.timeouts() {
		sums = append(sums, w.taken)
	}
	s.g.Expect(slices.Equal(sums, s.asked), grading.Finding{
		Sentence: "tells-sum",
		Mistake:  "goOn is not told how much was sent in all",
		Expected: fmt.Sprint("what the connection has taken of all writes so far: ", sums),
		Seen:     fmt.Sprint("goOn is told ", s.asked),
		Read:     "lab01_timeout/TestWriteDeadlineFreesWriter",
	})
}

// givesUp: goOn returns false.
func givesUp(g *grading.Grader) {
	size, last := 1+rand.N(10<<10), 1+rand.N(3)
	g.Step("%d bytes, and a connection that takes parts of them; goOn returns false after timeout %d", size, last)
	writes := 0
	part := size / 5
	s := ship(g, size, short(), func(c *scripted) { c.room = part }, func(s *shipping, asked int) bool {
		s.script.change(func() {
			s.script.room = part
			if asked <= last {
				writes = len(s.script.writes)
			}
		})
		return asked < last
	})
	s.end(last)
	s.g.Expect(len(s.script.writes) == writes && len(s.asked) == last, grading.Finding{
		Sentence: "gives-up",
		Mistake:  "it writes again after goOn has returned false",
		Expected: "when goOn returns false, SendAll returns",
		Seen:     story.Count(len(s.script.writes)-writes, "write") + " more",
		Read:     "lab01_timeout/TestTimedOutWriteCanBeResumed",
	})
	s.expectCallsOfGoOn()
	s.expectGivenUp()
	s.expectCount(len(s.script.taken))
}
