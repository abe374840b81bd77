package exercise_test

import (
	"fmt"
	"io"
	"math/rand/v2"
	"time"

	"socketlabs/harness/grading"
	"socketlabs/harness/story"
)

// anyDeadlines: between reads, the caller sets deadlines of all kinds, on two connections in turn. Both have the same addresses.
func anyDeadlines(g *grading.Grader) {
	hour := time.Now().Add(time.Hour + rand.N(time.Hour)).Round(0)
	far := time.Date(2300, 1, 1, 0, 0, 0, rand.N(int(time.Second)), time.UTC)
	deadlines := []time.Time{{}, time.Unix(0, 0), time.Unix(1, 0), hour, far}
	both := []*patient{aroundScript(g, newScripted(), time.Minute), aroundScript(g, newScripted(), time.Minute)}
	for n, i := range rand.Perm(len(deadlines) * len(waysToSet)) {
		both[n%2].expectSetting(waysToSet[i%2], deadlines[i/2])
	}
	both[0].expectSetting("SetReadDeadline", far)
	both[1].expectSetting("SetReadDeadline", hour)
	g.Step("both connections are read again: each has its own deadline")
	for _, p := range both {
		p.expectCallers()
	}
}

// expectSetting: the caller sets a deadline, which must be in force then, and reads.
func (p *patient) expectSetting(way string, deadline time.Time) {
	p.g.T().Helper()
	s := p.script
	writes := time.Now().Add(3 * time.Hour).Round(0)
	s.change(func() { s.writeBy = writes })
	p.g.Step("the caller sets a deadline by %s: %v", way, deadline)
	if way == "SetDeadline" {
		writes = deadline
	}
	err := p.setBy(way, deadline)
	read, write := s.deadlines()
	f := grading.Finding{
		Sentence: "caller-deadline",
		Mistake:  way + " does not set the Conn's deadline for reads",
		Expected: fmt.Sprintf("no error; for reads %s, for writes %s", moment(deadline), moment(writes)),
		Seen:     fmt.Sprintf("%s; for reads %s, for writes %s", inOneLine(err), moment(read), moment(write)),
		Read:     "lab01_timeout/TestReadDeadlineLeavesWritesAlone",
	}
	p.g.Expect(err == nil && read.Equal(deadline), f)
	f.Sentence, f.Mistake = "both-set", "SetDeadline does not set the Conn's deadline for writes"
	p.g.Expect(way == "SetReadDeadline" || write.Equal(writes), f)
	f.Sentence, f.Mistake = "writes-alone", "SetReadDeadline sets the write deadline"
	p.g.Expect(write.Equal(writes), f)
	p.expectCallers()
}

// expectCallers reads. If the caller's deadline has passed, the read must time out; otherwise, it must return what has come. After it, the
// Conn must have the caller's deadlines.
func (p *patient) expectCallers() {
	p.g.T().Helper()
	deadline := p.callers
	_, writes := p.script.deadlines()
	p.script.change(func() { p.script.results = []scriptedRead{{data: []byte("!")}} })
	got := p.begin()
	got.Wait(0, hasCome)
	if !deadline.IsZero() && deadline.Before(time.Now()) {
		p.g.Expect(got.isTimeout(), grading.Finding{
			Sentence: "caller-deadline",
			Mistake:  "a read does not fail though the caller's deadline has passed",
			Expected: "no bytes, and the error of times-out",
			Seen:     got.String(),
			Read:     "lab01_timeout/TestExpiredDeadlineFailsEvenWithDataReady",
		})
	} else {
		p.g.Expect(got.text == "!" && got.err == nil, grading.Finding{
			Sentence: "caller-deadline",
			Mistake:  "a read fails, although the caller's deadline is in the future, or was removed",
			Expected: `"!", no error`,
			Seen:     got.String(),
			Read:     "lab01_timeout/TestExpiredDeadlineFailsEvenWithDataReady",
		})
	}
	read, write := p.script.deadlines()
	p.g.Expect(write.Equal(writes), grading.Finding{
		Sentence: "writes-alone",
		Mistake:  "a read moves the caller's write deadline",
		Expected: moment(writes) + ", as before",
		Seen:     moment(write),
		Read:     "lab01_timeout/TestReadDeadlineLeavesWritesAlone",
	})
	p.g.Expect(read.Equal(deadline), grading.Finding{
		Sentence: "caller-deadline",
		Mistake:  "after a read, the Conn does not have the caller's deadline",
		Expected: moment(deadline),
		Seen:     moment(read),
		Read:     "lab01_timeout/TestDeadlineSetOnceEndsConversation",
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

// nothingComesLater: a read that returns before its timeout leaves nothing behind that sets a deadline later.
func nothingComesLater(g *grading.Grader) {
	timeout := grading.Between(40*time.Millisecond, 60*time.Millisecond)
	g.Step("reads that end before their timeout of %v, and the Conn's deadlines after that time", timeout)
	results := []scriptedRead{{data: []byte("!")}, {err: io.EOF}, {err: grading.Mark("the tunnel has broken down")}, {}}
	var all []*patient
	for _, result := range results {
		p := aroundScript(g, newScripted(result), timeout)
		p.read(timeout, hasCome)
		all = append(all, p)
	}
	time.Sleep(timeout + timeout/2)
	for _, p := range all {
		p.expectDeadlines(p.script, time.Time{}, time.Time{})
	}
}
