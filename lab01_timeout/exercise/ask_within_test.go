package exercise_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"testing"
	"time"

	"socketlabs/harness/grading"
	"socketlabs/harness/peer"
	"socketlabs/harness/story"
)

// TestAskWithin: connecting, sending and receiving the whole reply take no longer than one budget.
//
// Points: 10
// Read: TestOneDeadlineBoundsWholeExchange, TestDialTimeoutGivesUp, TestRearmedDeadlineIsForEachRead, TestErrorsTellSlowFromDead
// Hint: Take the time once, at the beginning: the moment at which the budget is spent is the same for all
// that you do.
// Hint: net.Dialer has a Deadline, and a connection has SetDeadline. Both take that moment.
// Hint: One Read returns what has come so far, not the reply: io.ReadAll reads to the end, and gives what
// came before an error, too. Close the connection with defer.
func TestAskWithin(t *testing.T) {
	g := grading.Start(t)
	wholeReplyComes(g)
	silenceEndsAtBudget(g)
	drippingEndsAtBudget(g)
	connectingCounts(g)
	absenceIsToldAtOnce(g)
	brokenReplyIsNoReply(g)
	allStepsShareBudget(g)
}

func wholeReplyComes(g *grading.Grader) {
	question, want := grading.NewData(20), []byte(grading.Text(30))
	g.Step("a server that answers in three pieces")
	server := serve(g, question.Size, inPieces(50*time.Millisecond, func(yield func([]byte) bool) {
		_ = yield(want[:10]) && yield(want[10:20]) && yield(want[20:])
	}))
	got := ask(g, server.address, question, time.Minute, 0, grading.Finding{
		Mistake:  "it hangs though the server answers and closes",
		Expected: "AskWithin returns the reply",
	})
	select {
	case heard := <-server.heard:
		g.Expect(bytes.Equal(heard, question.Bytes()), grading.Finding{
			Mistake:  "the server does not get the question",
			Expected: fmt.Sprintf("%q", question.Bytes()),
			Seen:     fmt.Sprintf("%q", heard),
		})
	case <-time.After(time.Second): // since AskWithin has returned
		g.Expect(false, grading.Finding{
			Mistake:  "the server is not asked",
			Expected: "a connection, and the question on it",
			Seen:     fmt.Sprintf("neither; AskWithin returns %v", got),
		})
	}
	g.Expect(bytes.Equal(got.text, want) && got.err == nil, grading.Finding{
		Mistake:  "it does not return the whole reply",
		Expected: fmt.Sprintf("%q, no error", want),
		Seen:     got.String(),
		Read:     "lab01_timeout/TestSampleTellsSilentServerFromAbsentOne",
	})
	server.expectHangUp(g)
}

func silenceEndsAtBudget(g *grading.Grader) {
	budget := grading.Between(200*time.Millisecond, 400*time.Millisecond)
	question := grading.NewData(20)
	g.Step("a silent server, and a budget of %v", budget)
	server := serve(g, question.Size, nothing)
	got := ask(g, server.address, question, budget, budget, grading.Finding{
		Mistake:  "receiving has no deadline",
		Expected: "AskWithin returns when the budget is spent",
		Read:     "lab01_timeout/TestOneDeadlineBoundsWholeExchange",
	})
	expectTimeout(g, got, budget)
	server.expectHangUp(g)
}

func drippingEndsAtBudget(g *grading.Grader) {
	budget := grading.Between(500*time.Millisecond, 700*time.Millisecond)
	question, drop := grading.NewData(20), []byte(grading.Text(1))
	g.Step("a server that sends a byte every 50 ms for ever, and a budget of %v", budget)
	server := serve(g, question.Size, inPieces(50*time.Millisecond, func(yield func([]byte) bool) {
		for yield(drop) {
		}
	}))
	got := ask(g, server.address, question, budget, budget, grading.Finding{
		Mistake:  "each read has the whole budget again",
		Expected: "AskWithin returns when the budget is spent, though the server was never silent for long",
		Read:     "lab01_timeout/TestRearmedDeadlineIsForEachRead",
	})
	expectTimeout(g, got, budget)
	g.Expect(len(got.text) > 0 && len(bytes.Trim(got.text, string(drop))) == 0, grading.Finding{
		Mistake:  "what has come before the timeout is lost",
		Expected: fmt.Sprintf("some times %q, and the error", drop),
		Seen:     got.String(),
		Read:     "lab01_timeout/TestDeadlineSetOnceEndsConversation",
	})
	server.expectHangUp(g)
}

func connectingCounts(g *grading.Grader) {
	if missing := peer.UnansweredConnects.Missing(); missing != "" {
		g.Step("no server here can leave a connect unanswered: %s", missing)
		return
	}
	budget := grading.Between(200*time.Millisecond, 400*time.Millisecond)
	g.Step("a server that does not answer the connect, and a budget of %v", budget)
	got := ask(g, peer.FullBacklog(g.Experiment), grading.NewData(1), budget, budget, grading.Finding{
		Mistake:  "connecting has no timeout",
		Expected: "AskWithin returns when the budget is spent",
		Read:     "lab01_timeout/TestDialTimeoutGivesUp",
	})
	expectTimeout(g, got, budget)
}

func absenceIsToldAtOnce(g *grading.Grader) {
	g.Step("a server that is not there, and a budget of a minute")
	got := ask(g, peer.Absent(g.Experiment), grading.NewData(1), time.Minute, 0, grading.Finding{
		Mistake:  "it spends the budget on a server that refuses",
		Expected: "AskWithin returns the error at once",
		Read:     "lab01_timeout/TestErrorsTellSlowFromDead",
	})
	g.Expect(got.err != nil && !got.isTimeout(), grading.Finding{
		Mistake:  "a refusal is not reported as what it is",
		Expected: "the error of the connect",
		Seen:     got.String(),
		Read:     "lab01_timeout/TestErrorsTellSlowFromDead",
	})
}

func brokenReplyIsNoReply(g *grading.Grader) {
	question, part := grading.NewData(20), []byte(grading.Text(10))
	g.Step("a server that sends a part of the reply, and then resets the connection")
	server := serve(g, question.Size, func(_ context.Context, conn *net.TCPConn) {
		conn.Write(part)
		conn.SetLinger(0)
		conn.Close()
	})
	got := ask(g, server.address, question, time.Minute, 0, grading.Finding{
		Mistake:  "it hangs on a connection that was reset",
		Expected: "AskWithin returns the error",
	})
	g.Expect(got.err != nil && !got.isTimeout(), grading.Finding{
		Mistake:  "it takes a broken connection for the end of the reply",
		Expected: "the error of the read",
		Seen:     got.String(),
		Read:     "lab01_timeout/TestErrorsTellSlowFromDead",
	})
}

// allStepsShareBudget: a server takes its time over the question, and then is silent. Where sending and
// receiving have a budget each, the whole takes longer. A busy machine may be late, and that says
// nothing: one of three attempts has to be in time.
func allStepsShareBudget(g *grading.Grader) {
	const (
		budget   = 1 * time.Second
		pause    = budget * 6 / 10
		tooLate  = budget * 14 / 10 // between the budget, and pause and budget
		attempts = 3
		mostRuns = 6
	)
	question := grading.NewData(12 << 20) // more than both kernels' buffers hold
	var late []time.Duration
	for run := 0; run < mostRuns && len(late) < attempts; run++ {
		g.Step("a server that reads nothing for %v, then all, and says nothing; a budget of %v", pause, budget)
		read := make(chan bool, 1)
		address := peer.Serve(g.Experiment, func(ctx context.Context, conn *net.TCPConn) {
			select {
			case <-ctx.Done():
			case <-time.After(pause):
			}
			n, _ := io.CopyN(io.Discard, conn, int64(question.Size))
			read <- int(n) == question.Size
			io.Copy(io.Discard, conn)
			conn.Close()
		})
		got := ask(g, address, question, budget, pause+budget, grading.Finding{
			Mistake:  "the steps do not share one budget",
			Expected: "AskWithin returns when the budget is spent",
			Read:     "lab01_timeout/TestOneDeadlineBoundsWholeExchange",
		})
		expectTimeout(g, got, budget)
		switch {
		case !<-read: // so slow a machine that it shows nothing: the sending took all of the budget
		case got.took < tooLate:
			return
		default:
			late = append(late, got.took)
		}
	}
	g.Expect(len(late) < attempts, grading.Finding{
		Mistake:  "each step has the whole budget again",
		Expected: fmt.Sprintf("sending and receiving end together, after %s", story.Duration(budget)),
		Seen:     fmt.Sprint("they take ", late),
		Read:     "lab01_timeout/TestOneDeadlineBoundsWholeExchange",
	})
}
