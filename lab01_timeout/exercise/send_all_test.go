package exercise_test

import (
	"errors"
	"fmt"
	"os"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"socketlabs/harness"
	"socketlabs/harness/grading"
	"socketlabs/harness/story"
)

// The buffers of both sockets together hold a few MiB at most: tcp_wmem and tcp_rmem in tcp(7).
const moreThanBuffersHold = 32 << 20

// TestSendAll: all data is sent, even to a peer that takes its time; nothing is lost, and nothing is
// sent twice.
//
// Points: 10
// Read: TestWriteDeadlineFreesWriter, TestTimedOutWriteCanBeResumed, TestWriteDeadlineLeavesReadsAlone
// Hint: A write that timed out has stopped midway. Its first result says where.
// Hint: A deadline is an absolute time. Once it has passed, every write fails at once, until the deadline is moved.
// Hint: Write a loop: move the deadline, write what is left, add the count. Call goOn only if
// the error is a timeout. Remove the deadline before each return.
func TestSendAll(t *testing.T) {
	g := grading.Start(t, harness.PartialWrites)
	shipped = nil
	for _, conversation := range []func(*grading.Grader){
		takenAtOnce, slowAtFirst, stalls, silence, besideAnotherSending, manyTimeouts, givesUp, otherErrors, refusedDeadlines,
		keptDeadlines,
		toStalledServer, untouched, toServerThatResets, stallsOften, givesUp, endlessPatience,
	} {
		conversation(g)
	}
	noDeadlineLater(g)
}

// toStalledServer: a real server reads nothing for a while. It sends nothing, and has said so: it has closed its half of the connection.
func toStalledServer(g *grading.Grader) {
	const timeouts = 3
	patience := grading.Between(80*time.Millisecond, 160*time.Millisecond)
	data := grading.NewData(moreThanBuffersHold)
	conn, server := connected(g)
	require.NoError(g.T(), server.CloseWrite())
	stalled := make(chan struct{})

	g.Step("%d MiB, %v for each write; a server reads only after %d timeouts", data.Size>>20, patience, timeouts)
	s := send(g, conn, data, patience, func(asked int) bool {
		if asked == timeouts {
			close(stalled)
		}
		return asked < tooOften
	})
	s.Reaches(stalled, timeouts*patience, grading.Finding{
		Sentence: "write-patience",
		Mistake:  "it does not call goOn after each timeout",
		Expected: "while the server reads nothing, goOn is called every " + story.Duration(patience),
		Read:     "lab01_timeout/TestWriteDeadlineFreesWriter",
	})
	takes(g, 100<<10, time.Minute) // meanwhile, and on another connection
	read := readAll(g, server)
	s.Wait(0, grading.Finding{
		Sentence: "it-returns",
		Mistake:  "it hangs after the server has read everything",
		Expected: "SendAll returns",
	})
	s.tell()
	s.expectOpen(conn)
	var got []byte
	select {
	case got = <-read:
	case <-time.After(grading.Patience):
		g.Expect(false, grading.Finding{
			Sentence: "nothing-left",
			Mistake:  "your code keeps the connection open",
			Expected: "the server reads the end of the stream when the caller closes the connection, after SendAll",
			Seen:     "the server still waits for the end of the stream",
		})
	}
	g.Outcome(harness.Server, "has read %d bytes", len(got))
	g.Expect(len(s.asked) >= timeouts || s.err == nil, grading.Finding{
		Sentence: "goes-on",
		Mistake:  "it gives up, although goOn was not called, or returned true",
		Expected: fmt.Sprintf("%d calls of goOn, one after each %s", timeouts, story.Duration(patience)),
		Seen:     s.String(),
		Read:     "lab01_timeout/TestTimedOutWriteCanBeResumed",
	})
	s.expectPatience(patience)
	quickest := grading.Patience
	for i := range s.asked {
		quickest = min(quickest, s.at[i].Sub(s.from[i]))
	}
	g.Expect(len(s.asked) == 0 || quickest < 2*patience, grading.Finding{
		Sentence: "write-patience",
		Mistake:  "a write waits for longer than patience",
		Expected: "goOn is called " + story.Duration(patience) + " after it last returned, or after SendAll began",
		Seen:     "the shortest such time is " + story.Duration(quickest),
		Read:     "lab01_timeout/TestWriteDeadlineFreesWriter",
	})
	s.expectSent(data.Bytes(), got)
}

// toServerThatResets: a real server has reset the connection.
func toServerThatResets(g *grading.Grader) {
	conn, server := connected(g)
	g.Step("a server has reset the connection")
	require.NoError(g.T(), server.SetLinger(0))
	require.NoError(g.T(), server.Close())
	g.Prepare("waiting for the reset", func() { g.Conn(conn).Read(make([]byte, 1)) })
	s := send(g, conn, grading.NewData(100), time.Minute, func(int) bool { return true })
	s.Wait(0, grading.Finding{
		Sentence: "other-error",
		Mistake:  "it goes on after an error that is no timeout",
		Expected: "SendAll returns the error",
		Read:     "lab01_timeout/TestErrorsTellSlowFromDead",
	})
	s.tell()
	var errno syscall.Errno
	g.Expect(errors.As(s.err, &errno) && len(s.asked) == 0 && s.sent == 0, grading.Finding{
		Sentence: "other-error",
		Mistake:  "it takes a broken connection for a timeout, or for success",
		Expected: "0, and the kernel's error; goOn is not called",
		Seen:     s.String(),
		Read:     "lab01_timeout/TestErrorsTellSlowFromDead",
	})
	s.expectOpen(conn)
}

// tooOften is the number of calls after which goOn returns false, to end SendAll. Right code comes to so many only on a very busy machine.
const tooOften = 200

// sending is one call of SendAll, with its results and its calls of goOn.
type sending struct {
	*grading.Running
	g       *grading.Grader
	sent    int
	err     error
	lost    bool        // as in receipt
	changed bool        // as in receipt
	asked   []int       // what goOn was told, in each of its calls
	at      []time.Time // when goOn was called
	from    []time.Time // when SendAll began, and then when each call of goOn returned
}

// send begins a call of SendAll. says decides what goOn returns; asked is how often goOn was called.
func send(g *grading.Grader, conn grading.Conn, data grading.Data, patience time.Duration, says func(asked int) bool) *sending {
	var kept grading.Handle[[]byte]
	g.Prepare("making data", func() { kept = made.On(g, data) })
	s := &sending{g: g, from: []time.Time{time.Now()}}
	goOn := grading.NewCallback(g, func(sent int) bool {
		s.asked, s.at = append(s.asked, sent), append(s.at, time.Now())
		yes := says(len(s.asked))
		s.from = append(s.from, time.Now())
		return yes
	})
	s.Running = g.Go("SendAll", func() {
		got := sendAll.On(g, shipment{conn, kept, patience, goOn})
		s.sent, s.err, s.lost, s.changed = got.Sent, got.Err.Err(), got.Lost, got.Changed
	})
	return s
}

func (s *sending) String() string {
	return fmt.Sprintf("%d, %s; goOn is called %s", s.sent, inOneLine(s.err), story.Count(len(s.asked), "time"))
}

func (s *sending) tell() {
	s.g.T().Helper()
	s.g.Outcome(harness.Client, "SendAll: %v", s)
	s.g.Expect(!s.changed, grading.Finding{Sentence: "sends-all", Mistake: "it changes the caller's data", Expected: "it is as before"})
}

// expectOpen closes the connection, which must still be open.
func (s *sending) expectOpen(conn grading.Conn) {
	s.g.T().Helper()
	var err error
	s.g.Prepare("closing the connection", func() { err = s.g.Conn(conn).Close() })
	s.g.Expect(err == nil, grading.Finding{
		Sentence: "conn-untouched",
		Mistake:  "it closes a connection that is not its own",
		Expected: "the connection is open",
		Seen:     fmt.Sprintf("Close: %v", err),
	})
}

// expectPatience: before each call of goOn, a write must have had its whole patience.
func (s *sending) expectPatience(patience time.Duration) {
	s.g.T().Helper()
	for i := range s.asked {
		after := s.at[i].Sub(s.from[i])
		s.g.Expect(after >= patience-slack, grading.Finding{
			Sentence: "whole-patience",
			Mistake:  "a write does not have its whole time: a deadline that was set earlier cuts it short, or goOn is called without a timeout",
			Expected: fmt.Sprintf("goOn is called no sooner than %s after it last returned, or after SendAll began", story.Duration(patience)),
			Seen:     fmt.Sprintf("call %d of goOn comes after %s", i+1, story.Exactly(after)),
			Read:     "lab01_timeout/TestExpiredDeadlineFailsEvenWithDataReady",
		})
	}
}

// expectSent: all of data has arrived, and SendAll returns its length and no error.
func (s *sending) expectSent(data, got []byte) {
	s.g.T().Helper()
	if s.err == nil {
		expectSame(s.g, data, got)
	}
	s.g.Expect(s.err == nil, grading.Finding{
		Sentence: "goes-on",
		Mistake:  "it ends with an error, although goOn has not returned false",
		Expected: "SendAll sends all of data",
		Seen:     s.String(),
		Read:     "lab01_timeout/TestTimedOutWriteCanBeResumed",
	})
	s.expectCount(len(data))
}

// expectCount: SendAll returns how many bytes were sent.
func (s *sending) expectCount(sent int) {
	s.g.T().Helper()
	s.g.Expect(s.sent == sent, grading.Finding{
		Sentence: "counts-all",
		Mistake:  "it does not return how many bytes were sent in all",
		Expected: fmt.Sprintf("%d: what the connection has taken in all", sent),
		Seen:     s.String(),
		Read:     "lab01_timeout/TestTimedOutWriteCanBeResumed",
	})
}

// expectGivenUp: SendAll has returned the error of a timeout.
func (s *sending) expectGivenUp() {
	s.g.T().Helper()
	s.g.Expect(errors.Is(s.err, os.ErrDeadlineExceeded), grading.Finding{
		Sentence: "gives-up",
		Mistake:  "it gives up, and does not return the error of a timeout",
		Expected: "an error in which errors.Is finds os.ErrDeadlineExceeded",
		Seen:     s.String(),
		Read:     "lab01_timeout/TestErrorsTellSlowFromDead",
	})
}
