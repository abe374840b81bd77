package exercise_test

import (
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"time"

	"socketlabs/harness"
	"socketlabs/harness/grading"
	"socketlabs/harness/story"
)

// slack is what the clocks of two processes may differ by over a timeout: moments cross over as wall clock.
const slack = time.Millisecond

// anyReads makes reads of every kind, in an order that varies, with and without deadlines of the caller's.
func anyReads(g *grading.Grader) {
	broken := grading.Mark("the tunnel has broken down")
	for range 2 {
		s := newScripted()
		timeout := grading.Between(20*time.Millisecond, 50*time.Millisecond)
		p := around(g, g.Script(s), 0)
		var callers time.Time
		if rand.N(2) == 0 {
			callers = time.Now().Add(time.Hour).Round(0)
			p.setReadDeadline(callers)
		}
		writes := time.Now().Add(2 * time.Hour).Round(0)
		s.change(func() { s.writeBy = writes })
		kinds := []*scriptedRead{
			nil, nil, // time out
			{data: []byte(grading.Text(1 + rand.N(90)))},
			{data: []byte(grading.Text(mostRead + 50))},
			{data: []byte(grading.Text(20)), err: io.EOF},
			{err: io.EOF},
			{},
			{data: []byte(grading.Text(7)), err: fmt.Errorf("reading: %w", broken)},
			{err: errors.Join(io.ErrUnexpectedEOF, broken)},
			{err: broken, noRoom: true},
		}
		rand.Shuffle(len(kinds), func(i, k int) { kinds[i], kinds[k] = kinds[k], kinds[i] })
		g.Step("reads of a connection that is none of the network, with a timeout of %v", timeout)
		for _, kind := range kinds {
			before := s.countReads()
			s.change(func() { s.results = nil }) // what was left of the last is gone
			if kind == nil {
				p.expectTimeoutInTime(timeout)
			} else {
				p.setTimeout(time.Minute)
				s.change(func() { s.results = []scriptedRead{*kind} })
				p.expectResult(*kind)
				reads := s.countReads() - before
				g.Expect(reads == 1, grading.Finding{
					Sentence: "same-result",
					Mistake:  "a read reads the Conn more than once, or not at all",
					Expected: "one read, and its result",
					Seen:     story.Count(reads, "read"),
				})
			}
			p.expectDeadlines(s, callers, writes)
		}
	}
}

// expectResult: what the Conn returns is what the PatientConn returns.
func (p *patient) expectResult(want scriptedRead) {
	p.g.T().Helper()
	room := mostRead
	if want.noRoom {
		room = 0
	}
	want.data = want.data[:min(len(want.data), room)]
	expected := fmt.Sprintf("%q and the error: %s", want.data, inOneLine(want.err))
	got := p.beginInto(room)
	got.Wait(0, grading.Finding{
		Sentence: "same-result",
		Mistake:  "a read waits on when the Conn's read has returned",
		Expected: expected,
	})
	p.g.Outcome(harness.Client, "Read: %v", got.result)
	same := got.text == string(want.data) && (got.err == nil) == (want.err == nil)
	if want.err != nil && got.err != nil {
		same = same && errors.Is(got.err, rootOf(want.err)) && got.err.Error() == want.err.Error()
	}
	p.g.Expect(same, grading.Finding{
		Sentence: "same-result",
		Mistake:  "a read does not return what the Conn's read returns",
		Expected: expected,
		Seen:     fmt.Sprintf("%q and the error: %s", got.text, inOneLine(got.err)),
		Read:     "lab01_timeout/TestErrorsTellSlowFromDead",
	})
}

// rootOf is the error that must be found in another: the grader's own where there is one.
func rootOf(err error) error {
	if mark := grading.Mark(""); errors.As(err, &mark) {
		return mark
	}
	return io.EOF
}

// expectTimeoutInTime makes a read that times out: not too early, and not late either. A busy machine may be late, and
// that says nothing: one of several attempts has to be in time, with longer timeouts each time.
func (p *patient) expectTimeoutInTime(timeout time.Duration) {
	const (
		attempts = 8
		longest  = 300 * time.Millisecond
	)
	p.g.T().Helper()
	f := grading.Finding{
		Sentence: "times-out",
		Mistake:  "a read waits for longer than its timeout",
		Read:     "lab01_timeout/TestReceiveTimeoutIsForEachCall",
	}
	for range attempts {
		p.setTimeout(timeout)
		got := p.read(timeout, grading.Finding{
			Sentence: "times-out",
			Mistake:  "a read has no timeout",
			Expected: "it returns when the time is over",
			Read:     "lab01_timeout/TestReadDeadlineFreesReader",
		})
		p.expectTimeout(got, timeout)
		if got.took < timeout*3/2 {
			return
		}
		f.Expected, f.Seen = "it returns after "+story.Duration(timeout), fmt.Sprintf("%v; it was as late with shorter timeouts", got)
		timeout = min(2*timeout, longest)
	}
	p.g.Expect(false, f)
}

func (p *patient) expectTimeout(got result, timeout time.Duration) {
	p.g.T().Helper()
	p.g.Expect(got.isTimeout(), grading.Finding{
		Sentence: "times-out",
		Mistake:  "a timeout is not reported as one",
		Expected: "no bytes, and an error by which errors.Is finds os.ErrDeadlineExceeded",
		Seen:     got.String(),
		Read:     "lab01_timeout/TestReadDeadlineFreesReader",
	})
	p.g.Expect(got.took >= timeout-slack, grading.Finding{
		Sentence: "whole-timeout",
		Mistake:  "a read does not have the whole timeout",
		Expected: "it waits for " + story.Exactly(timeout),
		Seen:     got.String(),
		Read:     "lab01_timeout/TestDeadlineSetOnceEndsConversation",
	})
}

// expectDeadlines: between two reads the Conn has the caller's deadlines.
func (p *patient) expectDeadlines(s *scripted, read, write time.Time) {
	p.g.T().Helper()
	gotRead, gotWrite := s.deadlines()
	f := grading.Finding{
		Sentence: "none-left",
		Mistake:  "a read leaves a deadline of its own behind",
		Expected: "the Conn has the deadline that it had before the read: " + moment(read),
		Seen:     moment(gotRead),
		Read:     "lab01_timeout/TestExpiredDeadlineFailsEvenWithDataReady",
	}
	if !read.IsZero() && (gotRead.IsZero() || gotRead.After(read)) {
		f = grading.Finding{
			Sentence: "caller-deadline",
			Mistake:  "a read erases or moves the caller's deadline",
			Expected: "after the read, the Conn has the caller's deadline: " + moment(read),
			Seen:     moment(gotRead),
			Read:     "lab01_timeout/TestDeadlineSetOnceEndsConversation",
		}
	}
	p.g.Expect(gotRead.Equal(read), f)
	p.g.Expect(gotWrite.Equal(write) && s.writeDeadline == 0, grading.Finding{
		Sentence: "writes-alone",
		Mistake:  "a read moves the caller's write deadline",
		Expected: moment(write) + ", as it was, and never another",
		Seen:     fmt.Sprintf("%s, and it was set %s", moment(gotWrite), story.Count(s.writeDeadline, "time")),
		Read:     "lab01_timeout/TestReadDeadlineLeavesWritesAlone",
	})
}

// moment says when a deadline is.
func moment(deadline time.Time) string {
	if deadline.IsZero() {
		return "no deadline"
	}
	return "a deadline " + story.Exactly(time.Until(deadline)) + " from now"
}

// refusals: the Conn takes no deadline.
func refusals(g *grading.Grader) {
	refused := grading.Mark("this tunnel has no deadlines")
	s := newScripted(scriptedRead{data: []byte("!")})
	s.settingRead = func(time.Time) error { return refused }
	p := around(g, g.Script(s), time.Minute)
	g.Step("a connection that refuses every deadline; a read has a timeout")
	got := p.read(0, hasCome)
	g.Expect(errors.Is(got.err, refused), grading.Finding{
		Sentence: "refused-deadline",
		Mistake:  "a read goes on without its timeout",
		Expected: fmt.Sprintf("the Conn's error: %v", refused),
		Seen:     got.String(),
	})
	g.Step("the caller sets a deadline there")
	err := p.setReadDeadline(time.Now().Add(time.Hour))
	g.Expect(errors.Is(err, refused), grading.Finding{
		Sentence: "refused-deadline",
		Mistake:  "SetReadDeadline loses the Conn's error",
		Expected: fmt.Sprintf("the Conn's error: %v", refused),
		Seen:     fmt.Sprint(err),
	})
}
