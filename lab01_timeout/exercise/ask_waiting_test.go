package exercise_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"time"

	"socketlabs/harness"
	"socketlabs/harness/grading"
	"socketlabs/harness/peer"
	"socketlabs/harness/story"
)

// waiting is a conversation in which the budget is spent.
type waiting struct {
	says   string
	stuck  string // the mistake if it never ends
	late   string // and if it ends too late
	budget time.Duration
	with   func() (address string, question grading.Data)
	lost   func(reply) *grading.Finding // what else it must have returned; or nil
}

// waits is every conversation in which the budget is spent, all at the same time. A busy machine may be late, and that
// says nothing: each conversation has to be in time in at least one of several attempts.
func waits(g *grading.Grader) {
	const attempts = 6
	paused := pausedReply(g)
	all := waitings(g)
	failed := make([]*grading.Finding, len(all)) // of the last attempt; nil when one was as it should be
	for i := range failed {
		failed[i] = &grading.Finding{}
	}
	for range attempts {
		calls := make([]*asking, len(all))
		for i, w := range all {
			if failed[i] != nil {
				w.step(g, "")
				address, question := w.with()
				calls[i] = ask(g, address, question, w.budget)
			}
		}
		for i, w := range all {
			if failed[i] != nil {
				w.step(g, "the outcome of ")
				failed[i] = w.judge(g, calls[i])
			}
		}
	}
	for i, f := range failed {
		if f != nil {
			all[i].step(g, "again and again: ")
			g.Expect(false, *f)
		}
	}
	paused()
}

// pausedReply begins a conversation in which the server makes a pause, and the budget is endless. It returns a function that judges
// the result.
func pausedReply(g *grading.Grader) (judge func()) {
	const pause = 700 * time.Millisecond
	text, want := grading.NewData(20), grading.Bytes(100)
	server := serve(g, anyFamily(), text, func(ctx context.Context, conn *net.TCPConn) {
		conn.Write(want[:30])
		harness.Passed(ctx, pause)
		conn.Write(want[30:])
		conn.CloseWrite()
	})
	call := ask(g, server.address, text, forever)
	return func() {
		call.Wait(pause, grading.Finding{
			Sentence: "whole-reply",
			Mistake:  "it hangs though the server answers and closes",
			Expected: "AskWithin returns the reply",
		})
		got := call.told()
		if got.isTimeout() {
			got.expectTimeout(g, forever)
		}
		g.Expect(got.is(want) && got.err == nil, grading.Finding{
			Sentence: "whole-reply",
			Mistake:  "it treats a pause as the end of the reply",
			Expected: fmt.Sprintf("%s, no error: the server makes a pause of %s in the middle, and the budget is endless", quoted(want), story.Duration(pause)),
			Seen:     got.String(),
			Read:     "lab01_timeout/TestRearmedDeadlineIsForEachRead",
		})
	}
}

// step says which conversation it is: all are held at the same time.
func (w waiting) step(g *grading.Grader, what string) {
	g.Step("%sa budget of %v, and a server that %s", what, w.budget, w.says)
}

// judge waits for the call. It returns what may be the fault of a busy machine.
func (w waiting) judge(g *grading.Grader, call *asking) *grading.Finding {
	f := grading.Finding{
		Sentence: "one-budget",
		Mistake:  w.stuck,
		Expected: fmt.Sprintf("it returns after %s: the server %s", story.Duration(w.budget), w.says),
		Read:     "lab01_timeout/TestOneDeadlineBoundsWholeExchange",
	}
	call.Wait(w.budget, f)
	got := call.told()
	got.expectTimeout(g, w.budget)
	if got.took > w.budget*7/5 {
		f.Mistake, f.Seen = w.late, got.String()
		return &f
	}
	if w.lost == nil {
		return nil
	}
	return w.lost(got)
}

func waitings(g *grading.Grader) []waiting {
	short := func() time.Duration { return grading.Between(250*time.Millisecond, 500*time.Millisecond) }
	text, drop := grading.NewData(20), []byte(grading.Text(1))
	large := grading.NewData(12 << 20) // more than both kernels' buffers hold
	all := []waiting{{
		says: "is silent", stuck: "receiving has no deadline", late: "receiving takes longer than the budget", budget: short(),
		with: func() (string, grading.Data) { return serve(g, anyFamily(), text, silent).address, text },
	}, {
		says: "sends a byte every 40 ms for ever", stuck: "each read has the whole budget again", late: "reads have the budget again", budget: short(),
		with: func() (string, grading.Data) { return serve(g, anyFamily(), text, dripping(drop)).address, text },
		lost: func(got reply) *grading.Finding {
			if len(got.text) > 0 && len(bytes.Trim(got.text, string(drop))) == 0 {
				return nil
			}
			return &grading.Finding{
				Sentence: "keeps-part",
				Mistake:  "what has come before the timeout is lost",
				Expected: fmt.Sprintf("%q, repeated, and the error", drop),
				Seen:     got.String(),
				Read:     "lab01_timeout/TestDeadlineSetOnceEndsConversation",
			}
		},
	}, {
		says: "reads nothing of a question of 12 MiB", stuck: "sending has no deadline", late: "sending takes longer than the budget", budget: short(),
		with: func() (string, grading.Data) { return peer.Stalled(g.Experiment).Address, large },
	}, {
		says: "takes six tenths of that to read the question, and then is silent", stuck: "the steps do not share one budget",
		late: "each step has the whole budget again", budget: 900 * time.Millisecond,
		with: func() (string, grading.Data) { return slowReader(g, 540*time.Millisecond), large },
	}}
	if missing := peer.UnansweredConnects.Missing(); missing != "" {
		g.Step("no server here can leave a connect unanswered: %s", missing)
		return all
	}
	return append(all, waiting{
		says: "does not answer the connect", stuck: "connecting has no timeout", late: "connecting takes longer than the budget", budget: short(),
		with: func() (string, grading.Data) { return peer.FullBacklog(g.Experiment), text },
	}, waiting{
		says: "answers the connect after a second, and then is silent", stuck: "the steps do not share one budget",
		late: "the budget begins anew when the connection is there", budget: 1400 * time.Millisecond,
		with: func() (string, grading.Data) { return slowToConnect(g), text },
	})
}

// dripping sends a piece every 40 ms until the client has gone.
func dripping(piece []byte) func(context.Context, *net.TCPConn) {
	return func(ctx context.Context, conn *net.TCPConn) {
		for {
			if _, err := conn.Write(piece); err != nil || !harness.Passed(ctx, 40*time.Millisecond) {
				return
			}
		}
	}
}

// slowReader reads all after a pause, and says nothing.
func slowReader(g *grading.Grader, pause time.Duration) (address string) {
	return peer.Serve(g.Experiment, func(ctx context.Context, conn *net.TCPConn) {
		harness.Passed(ctx, pause)
		io.Copy(io.Discard, conn)
		silent(ctx, conn)
	})
}

// slowToConnect drops the first SYN: its backlog is full until a moment later. The client's kernel sends it again after a second:
// RFC 6298, section 2.1.
func slowToConnect(g *grading.Grader) (address string) {
	listener := peer.ListenNoKeepalive(g.Experiment)
	peer.FillBacklog(g.Experiment, listener)
	g.Experiment.Go(func() {
		if !harness.Passed(g.T().Context(), 500*time.Millisecond) {
			return
		}
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			g.Own(conn)
		}
	})
	return listener.Addr().String()
}

// noBudgetIsSpent: the budget is 0 or less.
func noBudgetIsSpent(g *grading.Grader) {
	budget := -time.Duration(rand.N(2)) * time.Second
	g.Step("a silent server, and a budget of %v", budget)
	text := grading.NewData(10)
	asking := ask(g, serve(g, anyFamily(), text, silent).address, text, budget)
	asking.Wait(0, grading.Finding{
		Sentence: "one-budget",
		Mistake:  "it treats a budget of 0 or less as endless",
		Expected: "AskWithin returns at once: the budget is spent",
		Read:     "lab01_timeout/TestDialTimeoutGivesUp",
	})
	asking.told().expectTimeout(g, budget)
}
