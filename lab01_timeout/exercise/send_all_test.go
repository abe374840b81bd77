package exercise_test

import (
	"errors"
	"fmt"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"socketlabs/harness"
	"socketlabs/harness/grading"
	"socketlabs/harness/peer"
	"socketlabs/harness/story"
)

// Both kernels together buffer a few MiB at most: tcp_wmem and tcp_rmem in tcp(7).
const moreThanBuffersHold = 32 << 20

// TestSendAll: everything is sent, also to a peer that takes its time; nothing is lost, and nothing is
// sent twice.
//
// Points: 10
// Read: TestWriteDeadlineFreesWriter, TestTimedOutWriteCanBeResumed, TestWriteDeadlineLeavesReadsAlone
// Hint: A write that timed out has not failed: it has stopped midway. Its first result says where.
// Hint: A deadline is a moment. Once it has passed, every write fails at once, until the deadline is moved.
// Hint: Go round in a loop: move the deadline, write what is left, add what was taken. Ask goOn only if
// the error is a timeout. On the way out, whichever it is, take the deadline away.
func TestSendAll(t *testing.T) {
	g := grading.Start(t, harness.PartialWrites)
	sendsToReader(g)
	resumes(g)
	givesUp(g)
	leavesDeadlinesAlone(t, g)
	endsOnOtherErrors(t, g)
}

// sending is one call of SendAll and what it was asked and answered.
type sending struct {
	*grading.Running
	sent  int
	err   error
	asked []int       // what goOn was told
	at    []time.Time // and when; the first is the beginning
}

// send begins a call that goes on after timeouts. When it was asked often, enough decides; if that says
// yes it goes on after later ones, too: a busy peer may cause some.
func send(g *grading.Grader, conn grading.Conn, data grading.Data, patience time.Duration, often int, enough func() (goOn bool)) *sending {
	const tooOften = 200 // the machine would have to be very busy
	goesOn := true
	s := &sending{at: []time.Time{time.Now()}}
	goOn := grading.NewCallback(g, func(sent int) bool {
		s.asked, s.at = append(s.asked, sent), append(s.at, time.Now())
		if len(s.asked) == often {
			goesOn = enough()
		}
		return goesOn && len(s.asked) < tooOften
	})
	s.Running = g.Go("SendAll", func() {
		got := sendAll.On(g, shipment{conn, data, patience, goOn})
		s.sent, s.err = got.Sent, got.Err.Err()
		g.Outcome(harness.Client, "SendAll: %d, %v; asked %s", s.sent, s.err, story.Count(len(s.asked), "time"))
		g.Conn(conn).Close()
	})
	return s
}

func sendsToReader(g *grading.Grader) {
	data := grading.NewData(1000)
	reader := peer.Stalled(g.Experiment)
	g.Step("%d bytes, which the kernel takes at once", data.Size)
	s := send(g, g.Dial(reader.Address), data, time.Minute, 1, func() bool { return false })
	s.Wait(0, grading.Finding{
		Mistake:  "it waits though there is room for everything",
		Expected: "SendAll returns as soon as the kernel has taken all",
	})
	g.Expect(s.err == nil && s.sent == data.Size && len(s.asked) == 0, grading.Finding{
		Mistake:  "it does not say that all was sent",
		Expected: fmt.Sprintf("%d, no error, and goOn is not called", data.Size),
		Seen:     fmt.Sprintf("%d, %v, and goOn is called %s", s.sent, s.err, story.Count(len(s.asked), "time")),
		Read:     "lab01_timeout/TestWriteDeadlineFreesWriter",
	})
	expectSame(g, data.Bytes(), reader.ReadAll())
}

func resumes(g *grading.Grader) {
	const stalls = 3
	patience := grading.Between(150*time.Millisecond, 300*time.Millisecond)
	data := grading.NewData(moreThanBuffersHold)
	reader := peer.Stalled(g.Experiment)
	client := g.Dial(reader.Address)
	stalled := make(chan struct{})

	g.Step("%d MiB, %v for each write; the server reads only after %d timeouts", data.Size>>20, patience, stalls)
	s := send(g, client, data, patience, stalls, func() bool { close(stalled); return true })
	s.Reaches(stalled, stalls*patience, grading.Finding{
		Mistake:  "it does not ask goOn after each timeout",
		Expected: "while the server reads nothing, goOn is called every " + story.Duration(patience),
		Read:     "lab01_timeout/TestWriteDeadlineFreesWriter",
	})
	got := reader.ReadAll()
	s.Wait(0, grading.Finding{Mistake: "it hangs after the server has read everything", Expected: "SendAll returns"})
	g.Outcome(harness.Server, "has read %d bytes", len(got))

	if s.err == nil {
		expectSame(g, data.Bytes(), got)
	}
	g.Expect(len(s.asked) >= stalls, grading.Finding{
		Mistake:  "it does not ask goOn after each timeout",
		Expected: fmt.Sprintf("%d questions, one after each %s", stalls, story.Duration(patience)),
		Seen:     fmt.Sprintf("%d, and SendAll returns %d, %v", len(s.asked), s.sent, s.err),
		Read:     "lab01_timeout/TestTimedOutWriteCanBeResumed",
	})
	s.expectPatience(g, patience)
	s.expectProgress(g)
	g.Expect(s.err == nil, grading.Finding{
		Mistake:  "it does not go on where it was told to",
		Expected: "goOn says yes, and SendAll sends the rest",
		Seen:     fmt.Sprintf("%d of %d bytes, %v", s.sent, data.Size, s.err),
		Read:     "lab01_timeout/TestTimedOutWriteCanBeResumed",
	})
	g.Expect(s.sent == data.Size, grading.Finding{
		Mistake:  "it does not count all that was sent",
		Expected: fmt.Sprint(data.Size),
		Seen:     fmt.Sprint(s.sent),
		Read:     "lab01_timeout/TestWriteDeadlineFreesWriter",
	})
}

// expectPatience: between two timeouts lies the time of one write.
func (s *sending) expectPatience(g *grading.Grader, patience time.Duration) {
	for i := range s.asked {
		g.Expect(s.at[i+1].Sub(s.at[i]) >= patience, grading.Finding{
			Mistake:  "a write does not have its whole time: the deadline of an earlier one has already passed",
			Expected: fmt.Sprintf("goOn is asked no sooner than %s after it was asked before", story.Duration(patience)),
			Seen:     fmt.Sprintf("question %d comes after %s", i+1, story.Exactly(s.at[i+1].Sub(s.at[i]))),
			Read:     "lab01_timeout/TestExpiredDeadlineFailsEvenWithDataReady",
		})
	}
}

// expectProgress: the counts that goOn is told are those of all writes so far.
func (s *sending) expectProgress(g *grading.Grader) {
	for i, sent := range s.asked {
		g.Expect(sent > 0 && (i == 0 || sent >= s.asked[i-1]), grading.Finding{
			Mistake:  "goOn is not told how much was sent in all",
			Expected: "what the kernel has taken of all writes so far",
			Seen:     fmt.Sprint("goOn is told ", s.asked),
			Read:     "lab01_timeout/TestWriteDeadlineFreesWriter",
		})
	}
}

func givesUp(g *grading.Grader) {
	patience := grading.Between(150*time.Millisecond, 300*time.Millisecond)
	data := grading.NewData(moreThanBuffersHold)
	reader := peer.Stalled(g.Experiment)

	g.Step("the same, but goOn says no the second time")
	s := send(g, g.Dial(reader.Address), data, patience, 2, func() bool { return false })
	s.Wait(2*patience, grading.Finding{
		Mistake:  "it does not give up",
		Expected: "when goOn says no, SendAll returns",
		Read:     "lab01_timeout/TestWriteDeadlineFreesWriter",
	})
	got := reader.ReadAll()
	g.Outcome(harness.Server, "has read %d bytes", len(got))
	g.Expect(errors.Is(s.err, os.ErrDeadlineExceeded), grading.Finding{
		Mistake:  "it gives up and does not say that it ran out of time",
		Expected: "an error by which errors.Is finds os.ErrDeadlineExceeded",
		Seen:     fmt.Sprint(s.err),
		Read:     "lab01_timeout/TestErrorsTellSlowFromDead",
	})
	g.Expect(s.sent == len(got), grading.Finding{
		Mistake:  "it does not count all that was sent",
		Expected: fmt.Sprintf("%d: what the kernel has taken in all, and the server has read since", len(got)),
		Seen:     fmt.Sprint(s.sent),
		Read:     "lab01_timeout/TestTimedOutWriteCanBeResumed",
	})
}

func leavesDeadlinesAlone(t *testing.T, g *grading.Grader) {
	patience := grading.Between(150*time.Millisecond, 300*time.Millisecond)
	conn, server := connected(g)
	client := g.Conn(conn)
	_, err := server.Write([]byte("!"))
	require.NoError(t, err)
	require.NoError(t, client.SetReadDeadline(time.Unix(1, 0)))

	g.Step("a read deadline of the caller's has passed; then a few bytes are sent, %v for each write", patience)
	g.Call("SendAll", 0, grading.Finding{Mistake: "it hangs", Expected: "SendAll returns"}, func() {
		sendAll.On(g, shipment{conn, grading.NewData(100), patience, grading.NewCallback(g, func(int) bool { return true })})
	})
	_, err = client.Read(make([]byte, 1))
	g.Expect(errors.Is(err, os.ErrDeadlineExceeded), grading.Finding{
		Mistake:  "it disturbs the caller's read deadline",
		Expected: "a read fails as before, with os.ErrDeadlineExceeded",
		Seen:     fmt.Sprintf("Read: %v", err),
		Read:     "lab01_timeout/TestWriteDeadlineLeavesReadsAlone",
	})

	g.Step("more than %v later the caller writes", patience)
	silent, _ := peer.PairNoKeepalive(g.Experiment)
	require.NoError(t, silent.SetReadDeadline(time.Now().Add(patience)))
	silent.Read(make([]byte, 1)) // until then
	_, err = client.Write([]byte("?"))
	g.Expect(err == nil, grading.Finding{
		Mistake:  "it leaves its deadline behind",
		Expected: "the caller can write, with no deadline",
		Seen:     fmt.Sprintf("Write: %v", err),
		Read:     "lab01_timeout/TestExpiredDeadlineFailsEvenWithDataReady",
	})
}

func endsOnOtherErrors(t *testing.T, g *grading.Grader) {
	conn, server := connected(g)
	client := g.Conn(conn)
	g.Step("the server has reset the connection")
	require.NoError(t, server.SetLinger(0))
	require.NoError(t, server.Close())
	client.Read(make([]byte, 1)) // until the reset has arrived
	s := send(g, conn, grading.NewData(100), time.Minute, 10, func() bool { return true })
	s.Wait(0, grading.Finding{
		Mistake:  "it goes on after an error that is no timeout",
		Expected: "SendAll returns the error",
		Read:     "lab01_timeout/TestErrorsTellSlowFromDead",
	})
	g.Expect(s.err != nil && len(s.asked) == 0, grading.Finding{
		Mistake:  "it takes a broken connection for a timeout, or for success",
		Expected: "SendAll returns the error, and does not ask goOn",
		Seen:     fmt.Sprintf("%v; goOn is asked %s", s.err, story.Count(len(s.asked), "time")),
		Read:     "lab01_timeout/TestErrorsTellSlowFromDead",
	})
}
