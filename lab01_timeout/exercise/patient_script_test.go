package exercise_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"slices"
	"syscall"
	"time"

	"socketlabs/harness"
	"socketlabs/harness/grading"
	"socketlabs/harness/story"
)

// slack is how much a timeout may differ between the clocks of two processes: times go from one process to the other as wall clock time.
const slack = time.Millisecond

// anyReads makes reads of every kind, in an order that varies, with and without a deadline that the caller has set. Setting a deadline
// on the Conn takes 3 ms. So if a read leaves this to another goroutine, the deadline is not yet in force when the read returns.
func anyReads(g *grading.Grader) {
	broken := grading.Mark("the tunnel has broken down")
	none := time.Time{}.In(time.FixedZone("east", 3600)) // IsZero reports true, although == time.Time{} is false
	for pass, callers := range []time.Time{none, time.Date(2300, 1, 1, 0, 0, 0, 0, time.UTC)} {
		s := newScripted()
		timeout := grading.Between(20*time.Millisecond, 50*time.Millisecond)
		p := aroundScript(g, s, 0)
		p.setReadDeadline(callers)
		s.settingRead = func(time.Time) error {
			time.Sleep(3 * time.Millisecond)
			return nil
		}
		writes := time.Now().Add(2 * time.Hour).Round(0)
		s.change(func() { s.writeBy = writes })
		kinds := []*scriptedRead{
			{data: []byte(grading.Text(5)), after: 45 * time.Millisecond},
			{data: []byte(grading.Text(mostRead + 50))}, {data: []byte("!")}, // code that keeps bytes beyond the buffer returns them here
			nil, nil, // reads that time out
			{data: []byte(grading.Text(1 + rand.N(90)))},
			{data: []byte(grading.Text(mostRead / 2))},
			{data: []byte(grading.Text(20)), err: io.EOF},
			{err: io.EOF},
			{},
			{data: []byte(grading.Text(7)), err: fmt.Errorf("reading: %w", broken)},
			{err: errors.Join(io.ErrUnexpectedEOF, broken)},
			{err: broken, noRoom: true},
			{err: fromKernel("read", syscall.ETIMEDOUT)},
			{err: fromKernel("read", syscall.ECONNRESET)},
			{err: fromKernel("read", syscall.ENOBUFS)},
			{err: syscall.EINTR},
			{err: syscall.EAGAIN},
			{err: &net.OpError{Op: "read", Net: "tunnel", Err: net.ErrClosed}},
			{err: fmt.Errorf("the tunnel: %w", context.DeadlineExceeded)},
			{noRoom: true}, // the last one in any order: it shows the least
		}
		const first = 3 // the kinds before this one come first, in this order
		order := append(rand.Perm(len(kinds)-1), len(kinds)-1)
		slices.SortStableFunc(order, func(a, b int) int { return min(a, first) - min(b, first) })
		otherRoom := -1 // how long the buffer of a Conn's read was, if not mostRead
		g.Step("reads of a connection that is not a network connection, with a timeout of %v", timeout)
		for _, i := range order {
			kind := kinds[i]
			time.Sleep(3 * time.Millisecond) // a timeout that is measured from the last read is too short
			before := s.countReads()
			s.change(func() { s.results = nil }) // removes what is left of the last result
			if kind == nil {
				p.expectTimeoutInTime(timeout)
			} else {
				to := []time.Duration{time.Minute, 90 * time.Minute, 40 * time.Hour}[rand.N(3)]
				if (i+pass)%2 > 0 { // each kind has a timeout in one pass, and none in the other
					to = 0
				}
				p.setTimeout(to)
				time.AfterFunc(kind.after, func() { s.change(func() { s.results = []scriptedRead{*kind} }) })
				got := p.expectResult(*kind)
				reads := s.countReads() - before
				g.Expect(reads == 1, grading.Finding{
					Sentence: "same-result",
					Mistake:  "a read reads the Conn more than once, or not at all",
					Expected: "one read, and its result",
					Seen:     story.Count(reads, "read"),
				})
				if room := s.lastRead().room; !kind.noRoom && room != mostRead {
					otherRoom = room
				}
				p.expectTimeAtConn(got.begun)
			}
			p.expectDeadlines(s, callers, writes)
			p.setReadDeadline(callers) // again: what the read has kept must not change it
			p.expectDeadlines(s, callers, writes)
		}
		g.Expect(otherRoom < 0, grading.Finding{
			Sentence: "same-result",
			Mistake:  "the Conn's read does not get all of the buffer, or gets a longer one: bytes for which the caller's has no room are lost",
			Expected: fmt.Sprintf("room for %d bytes, as in the buffer of Read", mostRead),
			Seen:     fmt.Sprintf("room for %d", otherRoom),
		})
		p.expectBytesOfTimeout(timeout, timeout, []time.Duration{0, timeout}[pass])
		s.settingRead = func(time.Time) error { return nil } // no pause: code that reads again directly after a timeout gets the bytes
		p.expectBytesAfterTimeout(timeout)
	}
}

// expectResult: the PatientConn must return what the Conn returns.
func (p *patient) expectResult(want scriptedRead) *reading {
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
		Mistake:  "a read goes on waiting after the Conn's read has returned",
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
	return got
}

// rootOf returns the error that errors.Is must find in err: the grader's own, if there is one.
func rootOf(err error) error {
	mark, errno := grading.Mark(""), syscall.Errno(0)
	switch {
	case errors.As(err, &mark):
		return mark
	case errors.As(err, &errno):
		return errno
	case errors.Is(err, net.ErrClosed):
		return net.ErrClosed
	case errors.Is(err, context.DeadlineExceeded):
		return context.DeadlineExceeded
	}
	return io.EOF
}

// expectTimeoutInTime makes a read that times out, which must not be early, and not late. On a busy machine, it may be late, which proves
// nothing: at least one of several attempts must be in time. Each attempt has a longer timeout.
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
		Expected: "no bytes, and an error in which errors.Is finds os.ErrDeadlineExceeded",
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

// expectDeadlines: between two reads, the Conn must have the caller's deadlines.
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
	p.g.Expect(gotWrite.Equal(write) && s.writeSettings == p.settings, grading.Finding{
		Sentence: "writes-alone",
		Mistake:  "a read moves the caller's write deadline",
		Expected: fmt.Sprintf("%s, as before the read, and set %s, by the caller", moment(write), story.Count(p.settings, "time")),
		Seen:     fmt.Sprintf("%s, and set %s", moment(gotWrite), story.Count(s.writeSettings, "time")),
		Read:     "lab01_timeout/TestReadDeadlineLeavesWritesAlone",
	})
}

// moment describes when a deadline is.
func moment(deadline time.Time) string {
	const soon = 1000 * time.Hour
	switch until := time.Until(deadline); {
	case deadline.IsZero():
		return "no deadline"
	case until < -soon, until > soon:
		return "a deadline at " + deadline.UTC().Format(time.RFC3339Nano)
	default:
		return "a deadline " + story.Exactly(until) + " from now"
	}
}
