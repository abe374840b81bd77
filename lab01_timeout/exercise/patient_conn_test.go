package exercise_test

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"socketlabs/harness/grading"
	"socketlabs/harness/story"
)

// TestPatientConn: each read waits for its timeout at most, and the deadlines that the caller has set stay in
// force.
//
// Points: 10
// Read: TestReadDeadlineFreesReader, TestDeadlineSetOnceEndsConversation, TestReceiveTimeoutIsForEachCall, TestPastDeadlineFreesBlockedRead
// Hint: Go's deadline is an absolute time, and the timeout is a duration: at the beginning of a read, the deadline is
// now + Timeout.
// Hint: A deadline stays in force when the read has returned. And you can't ask a net.Conn which deadline
// it has: your SetReadDeadline must remember it in a field.
// Hint: Before the read, give the Conn the earlier of two moments: the end of the timeout and the caller's
// deadline, if there is one. After the read, give it the caller's. SetReadDeadline remembers the deadline, and
// also sets it on the Conn, because a read may be waiting. So a mutex guards the field.
func TestPatientConn(t *testing.T) {
	g := grading.Start(t)
	nothingIsLeftBehind(g)
	eachReadHasItsTime(g)
	shortTimeouts(g)
	callersDeadlineCounts(g)
	pastDeadlineFreesRead(g)
	writesAreNotDisturbed(g)
	anyDeadlines(g)
	anyReads(g)
	largeRead(g, 0)
	largeRead(g, forever)
	earlierOfTwo(g)
	nothingComesLater(g)
	besideAnotherRead(g)
	callersDeadlineEndsReads(g)
	movedDeadlines(g)
	timeoutStays(g)
	overtaking(g)
	reset(g)
	closed(g)
	refusals(g)
}

func eachReadHasItsTime(g *grading.Grader) {
	timeout := grading.Between(80*time.Millisecond, 160*time.Millisecond)
	p, server := newPatient(g, timeout)
	for _, which := range []string{"the first read", "the next read"} {
		g.Step("%s from a silent server, with a timeout of %v", which, timeout)
		got := p.read(timeout, grading.Finding{
			Sentence: "times-out",
			Mistake:  which + " has no timeout",
			Expected: "it returns when the time is over",
			Read:     "lab01_timeout/TestReadDeadlineFreesReader",
		})
		g.Expect(got.isTimeout(), grading.Finding{
			Sentence: "times-out",
			Mistake:  "a timeout is not reported as one",
			Expected: "no bytes, and an error in which errors.Is finds os.ErrDeadlineExceeded",
			Seen:     got.String(),
			Read:     "lab01_timeout/TestReadDeadlineFreesReader",
		})
		g.Expect(got.took >= timeout, grading.Finding{
			Sentence: "whole-timeout",
			Mistake:  which + " does not have the whole timeout",
			Expected: "it waits for " + story.Duration(timeout),
			Seen:     got.String(),
			Read:     "lab01_timeout/TestDeadlineSetOnceEndsConversation",
		})
	}

	late := grading.Text(12)
	g.Step("now the server sends %q", late)
	_, err := server.Write([]byte(late))
	require.NoError(g.T(), err)
	p.setTimeout(time.Minute)
	lost := grading.Finding{
		Sentence: "nothing-lost",
		Mistake:  "what comes after a timeout is lost",
		Expected: fmt.Sprintf("the next read returns %q", late),
		Read:     "lab01_timeout/TestTimedOutReadLosesNothing",
	}
	got := p.read(0, lost)
	lost.Seen = got.String()
	g.Expect(got.text == late && got.err == nil, lost)
}

// shortTimeouts: a read keeps a timeout that is not a whole number of milliseconds, too. A timer may fire late, which hides a timeout
// that is too short. So only the quickest of many reads counts.
func shortTimeouts(g *grading.Grader) {
	const reads = 30
	for _, timeout := range []time.Duration{3*time.Millisecond - time.Microsecond, 300 * time.Microsecond} {
		g.Step("%d reads from a silent server, with a timeout of %v", reads, timeout)
		p, _ := newPatient(g, timeout)
		var quickest time.Duration
		g.Call("Read", reads*timeout, grading.Finding{
			Sentence: "times-out",
			Mistake:  "a read waits for longer than its timeout",
			Expected: "each returns when the time is over",
			Read:     "lab01_timeout/TestReadDeadlineFreesReader",
		}, func() { quickest = quickestRead.On(g, manyReads{p.of, reads}) })
		g.Expect(quickest >= timeout, grading.Finding{
			Sentence: "whole-timeout",
			Mistake:  "a read does not have the whole timeout",
			Expected: "each read waits for " + timeout.String() + " at least",
			Seen:     fmt.Sprintf("one of %d reads waits for %s", reads, story.Duration(quickest)),
			Read:     "lab01_timeout/TestDeadlineSetOnceEndsConversation",
		})
	}
}

// largeRead: the Conn's read gets all of the caller's buffer. If a read returns one datagram, bytes for which there is no room are lost.
// There is no timeout, or the longest Duration: code that adds it to the time must not get a time in the past.
func largeRead(g *grading.Grader, timeout time.Duration) {
	const room = 200 << 10
	datagram := grading.Text(room - 10)
	g.Step("a read with room for %d bytes and a timeout of %v, and %d bytes come at once", room, timeout, len(datagram))
	p := aroundScript(g, newScripted(scriptedRead{data: []byte(datagram)}), timeout)
	var got result
	begun := time.Now().Round(0)
	g.Call("Read", 0, hasCome, func() { got = readNow(p.Conn, room) })
	p.expectTimeAtConn(begun)
	g.Expect(got.text == datagram && got.err == nil, grading.Finding{
		Sentence: "same-result",
		Mistake:  "the Conn's read does not get all of the buffer",
		Expected: story.Count(len(datagram), "byte") + ", from one read of the Conn",
		Seen:     fmt.Sprintf("%s, %s", story.Count(len(got.text), "byte"), inOneLine(got.err)),
	})
}

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

// What follows runs in the student's process: see driver_test.go.

// manyReads are reads of a PatientConn, one after the other.
type manyReads struct {
	Of    grading.Conn
	Reads int
}

// quickestRead makes these reads, and returns how long the quickest took.
var quickestRead = grading.Export("quickest read", func(m manyReads) time.Duration {
	conn := m.Of.Get()
	return quickestOf(m.Reads, func() { conn.Read(make([]byte, 1)) })
})
