package exercise_test

import (
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/stretchr/testify/require"

	"socketlabs/harness/grading"
	"socketlabs/harness/story"
)

// hasCome is the finding for a read that hangs although it need not wait.
var hasCome = grading.Finding{
	Sentence: "it-returns",
	Mistake:  "a read hangs though there is something to read",
	Expected: "it returns what has come",
}

func nothingIsLeftBehind(g *grading.Grader) {
	timeout := grading.Between(60*time.Millisecond, 120*time.Millisecond)
	p, server := newPatient(g, timeout)
	_, err := server.Write([]byte("!"))
	require.NoError(g.T(), err)
	g.Step("a read with a timeout of %v is answered at once", timeout)
	got := p.read(0, hasCome)
	for range 10 {
		if !got.isTimeout() || got.took < timeout {
			break
		}
		got = p.read(0, hasCome) // the machine is so busy that the timeout was over before the read looked for data
	}
	g.Expect(got.text == "!" && got.err == nil, grading.Finding{
		Sentence: "same-result",
		Mistake:  "a read does not return what has come",
		Expected: `"!", no error`,
		Seen:     got.String(),
	})

	g.Step("then the Conn inside is read, for longer than %v", timeout)
	var left result
	plain := g.Go("Read of the Conn inside", func() { left = readNow(p.inside, mostRead) })
	plain.Waits(timeout+50*time.Millisecond, grading.Finding{
		Sentence: "none-left",
		Mistake:  "the timeout leaves a deadline behind",
		Expected: "the Conn inside has no deadline, as before",
		Seen:     "its read times out, although nobody has set a deadline for it",
		Read:     "lab01_timeout/TestExpiredDeadlineFailsEvenWithDataReady",
	})
	_, err = server.Write([]byte("!"))
	require.NoError(g.T(), err)
	plain.Wait(0, grading.Finding{Sentence: "none-left", Mistake: "the connection is broken", Expected: "it can still be read"})
	g.Expect(left.text == "!" && left.err == nil, grading.Finding{
		Sentence: "none-left",
		Mistake:  "the timeout leaves a deadline behind",
		Expected: `"!", no error: the Conn inside has no deadline, as before`,
		Seen:     left.String(),
		Read:     "lab01_timeout/TestExpiredDeadlineFailsEvenWithDataReady",
	})

	p.setTimeout(0)
	g.Step("with Timeout 0, a read waits")
	waits := p.begin()
	waits.Waits(50*time.Millisecond, grading.Finding{
		Sentence: "zero-waits",
		Mistake:  "with Timeout 0, a read does not wait",
		Expected: "with Timeout 0, a read waits until something comes",
		Seen:     "it returns, although nothing has come",
		Read:     "lab01_timeout/TestDefaultsAreNoTimeout",
	})
	_, err = server.Write([]byte("?"))
	require.NoError(g.T(), err)
	waits.Wait(0, hasCome)
	left = waits.result
	g.Expect(left.text == "?" && left.err == nil, grading.Finding{
		Sentence: "same-result",
		Mistake:  "with Timeout 0 a read does not return what has come",
		Expected: `"?", no error`,
		Seen:     left.String(),
	})
}

func callersDeadlineCounts(g *grading.Grader) {
	timeout := grading.Between(50*time.Millisecond, 100*time.Millisecond)
	p, server := newPatient(g, timeout)
	until := timeout + grading.Between(100*time.Millisecond, 200*time.Millisecond)
	begun := time.Now()
	deadline := begun.Add(until)
	g.Step("the caller sets a deadline %v from now, and reads with a timeout of %v", until, timeout)
	p.setReadDeadline(deadline)
	erased := grading.Finding{
		Sentence: "caller-deadline",
		Mistake:  "a read erases the caller's deadline",
		Expected: "it stays in force until the caller moves it",
		Read:     "lab01_timeout/TestDeadlineSetOnceEndsConversation",
	}
	got := p.read(timeout, grading.Finding{
		Sentence: "times-out",
		Mistake:  "when the caller has set a deadline, a read no longer has its timeout",
		Expected: "a timeout after " + story.Duration(timeout),
		Read:     "lab01_timeout/TestOneDeadlineBoundsWholeExchange",
	})
	if time.Now().Before(deadline) { // otherwise, a busy machine has delayed the read until then
		p.expectTimeout(got, timeout)
	}

	p.setTimeout(time.Minute)
	g.Step("the next read has a timeout of a minute, and the caller's deadline comes first")
	got = p.read(until, erased)
	g.Expect(!got.isTimeout() || !time.Now().Before(deadline), grading.Finding{
		Sentence: "whole-timeout",
		Mistake:  "a read with another Timeout than the last one does not have the whole timeout",
		Expected: fmt.Sprintf("it waits until the caller's deadline, %s after that was set", story.Duration(until)),
		Seen:     got.String(),
		Read:     "lab01_timeout/TestReceiveTimeoutIsForEachCall",
	})
	g.Expect(got.isTimeout(), grading.Finding{
		Sentence: "caller-deadline",
		Mistake:  "a read does not end at the caller's deadline",
		Expected: fmt.Sprintf("a timeout, %s after the deadline was set", story.Duration(until)),
		Seen:     fmt.Sprintf("%v, %s after the deadline was set", got, story.Duration(time.Since(begun))),
		Read:     "lab01_timeout/TestOneDeadlineBoundsWholeExchange",
	})

	_, err := server.Write([]byte("!"))
	require.NoError(g.T(), err)
	g.Step("with the deadline over, the server sends; the caller reads, takes the deadline away, and reads again")
	got = p.read(0, erased)
	g.Expect(got.isTimeout(), grading.Finding{
		Sentence: "caller-deadline",
		Mistake:  "a read overwrites the caller's deadline",
		Expected: "once the deadline has passed, every read fails, even one that need not wait",
		Seen:     got.String(),
		Read:     "lab01_timeout/TestExpiredDeadlineFailsEvenWithDataReady",
	})
	p.setReadDeadline(time.Time{})
	got = p.read(0, hasCome)
	g.Expect(got.text == "!" && got.err == nil, grading.Finding{
		Sentence: "caller-deadline",
		Mistake:  "the caller can't take the deadline away",
		Expected: `"!", no error`,
		Seen:     got.String(),
		Read:     "lab01_timeout/TestExpiredDeadlineFailsEvenWithDataReady",
	})
}

func pastDeadlineFreesRead(g *grading.Grader) {
	p, _ := newPatient(g, time.Minute)
	g.Step("a read waits, with a timeout of %v", time.Minute)
	waiting := p.begin()
	waiting.Waits(50*time.Millisecond, grading.Finding{
		Sentence: "whole-timeout",
		Mistake:  "a read does not wait",
		Expected: "it waits, because nothing has come",
		Seen:     "it has returned",
	})
	g.Step("another goroutine sets a deadline in the past")
	p.setReadDeadline(time.Unix(1, 0))
	waiting.Wait(0, grading.Finding{
		Sentence: "moved-deadline",
		Mistake:  "SetReadDeadline has no effect on a read that is already waiting",
		Expected: "the read returns",
		Read:     "lab01_timeout/TestPastDeadlineFreesBlockedRead",
	})
	g.Expect(waiting.isTimeout(), grading.Finding{
		Sentence: "moved-deadline",
		Mistake:  "a timeout is not reported as one",
		Expected: "os.ErrDeadlineExceeded",
		Seen:     waiting.String(),
		Read:     "lab01_timeout/TestPastDeadlineFreesBlockedRead",
	})
}

func writesAreNotDisturbed(g *grading.Grader) {
	p, server := newPatient(g, time.Minute)
	_, err := server.Write([]byte("!"))
	require.NoError(g.T(), err)
	g.Step("the caller's write deadline has passed; then a read is answered")
	g.Prepare("setting a write deadline", func() { err = p.inside.SetWriteDeadline(time.Unix(1, 0)) })
	require.NoError(g.T(), err)
	p.read(0, hasCome)
	g.Prepare("a write", func() { _, err = p.inside.Write([]byte("?")) })
	g.Expect(errors.Is(err, os.ErrDeadlineExceeded), grading.Finding{
		Sentence: "writes-alone",
		Mistake:  "a read moves the caller's write deadline",
		Expected: "a write still times out at its deadline",
		Seen:     fmt.Sprintf("Write: %v", err),
		Read:     "lab01_timeout/TestReadDeadlineLeavesWritesAlone",
	})
}

// earlierOfTwo: the caller's deadline and the end of the timeout are close together, in the same second. Each of them comes first in turn.
// On a busy machine, a read may be late, which proves nothing: at least one of several attempts must be in time. In each attempt, the two
// are further apart.
func earlierOfTwo(g *grading.Grader) {
	endsAtEarlier(g, 1, 3, grading.Finding{
		Sentence: "caller-deadline",
		Mistake:  "a read does not end at the caller's deadline, which comes before the end of its timeout",
		Read:     "lab01_timeout/TestOneDeadlineBoundsWholeExchange",
	})
	endsAtEarlier(g, 3, 1, grading.Finding{
		Sentence: "times-out",
		Mistake:  "a read does not end at its timeout, which comes before the caller's deadline",
		Read:     "lab01_timeout/TestOneDeadlineBoundsWholeExchange",
	})
}

// endsAtEarlier makes a read with a deadline of the caller's and a timeout, both given as multiples of a short time.
func endsAtEarlier(g *grading.Grader, callers, own time.Duration, f grading.Finding) {
	const (
		attempts = 6
		longest  = 160 * time.Millisecond
	)
	until := 20 * time.Millisecond
	for range attempts {
		g.Step("the caller's deadline is in %v, and the timeout of a read is %v", callers*until, own*until)
		p := aroundScript(g, newScripted(), own*until)
		const second = int64(time.Second)
		if left := time.Duration(second - time.Now().UnixNano()%second); left < 4*until {
			time.Sleep(left) // both in the same second, so that code that compares whole seconds fails
		}
		begun := time.Now()
		p.setReadDeadline(begun.Add(callers * until).Round(0))
		f.Expected = "it returns after " + story.Duration(until)
		got := p.read(3*until, f)
		took := time.Since(begun)
		f.Seen = got.String()
		g.Expect(got.isTimeout() && took >= until-slack, f)
		if took < 5*until/2 {
			return
		}
		until = min(2*until, longest)
	}
	g.Expect(false, f)
}
