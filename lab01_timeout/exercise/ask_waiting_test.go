package exercise_test

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"time"

	"github.com/stretchr/testify/require"

	"socketlabs/harness"
	"socketlabs/harness/grading"
	"socketlabs/harness/peer"
	"socketlabs/harness/story"
)

// waiting is a conversation that uses up all or most of the budget.
type waiting struct {
	says       string // what the server does
	stuck      string // the mistake of a call that doesn't return
	late       string // the mistake of a call that returns too late
	budget     time.Duration
	with       func() (address string, request grading.Data)
	checkPart  func(reply) *grading.Finding // checks that it returned what had come before the timeout; may be nil
	judgeReply func(reply) *grading.Finding // judges what it returned, in place of all other checks; may be nil
}

// waits runs all such conversations concurrently. On a busy machine, a call may return late, which proves nothing: each
// conversation must be in time in at least one of several attempts.
func waits(g *grading.Grader) {
	const attempts = 6
	paused := []func(){pausedReply(g, forever), pausedReply(g, 40*24*time.Hour)} // 40 days: in milliseconds, too much for an int32
	all := waitings(g)
	failed := make([]*grading.Finding, len(all)) // what the last attempt found; nil once an attempt has passed
	for i := range failed {
		failed[i] = &grading.Finding{}
	}
	for range attempts {
		calls := make([]*asking, len(all))
		for i, w := range all {
			if failed[i] != nil {
				w.step(g, "")
				address, request := w.with()
				calls[i] = ask(g, address, request, w.budget)
			}
		}
		for i, w := range all {
			if failed[i] != nil {
				w.step(g, "the outcome, with ")
				failed[i] = w.judge(g, calls[i])
			}
		}
	}
	for i, f := range failed {
		if f != nil {
			all[i].step(g, fmt.Sprintf("failed in each of %d attempts: ", attempts))
			g.Expect(false, *f)
		}
	}
	for _, judge := range paused {
		judge()
	}
}

// pausedReply begins a conversation in which the server makes a pause in the middle of its reply, and the budget is very long. It
// returns a function that judges the result.
func pausedReply(g *grading.Grader, budget time.Duration) (judge func()) {
	const pause = 700 * time.Millisecond
	text, want := grading.NewData(20), grading.Bytes(100)
	server := serve(g, anyFamily(), text, func(ctx context.Context, conn *net.TCPConn) {
		conn.Write(want[:30])
		harness.Passed(ctx, pause)
		conn.Write(want[30:])
		conn.CloseWrite()
	})
	call := ask(g, server.address, text, budget)
	return func() {
		call.Wait(pause, grading.Finding{
			Sentence: "whole-reply",
			Mistake:  "it hangs though the server answers and closes",
			Expected: "AskWithin returns the reply",
		})
		got := call.outcome()
		if got.isTimeout() {
			got.expectTimeout(g, budget)
		}
		g.Expect(got.is(want) && got.err == nil, grading.Finding{
			Sentence: "whole-reply",
			Mistake:  "it treats a pause as the end of the reply",
			Expected: fmt.Sprintf("%s, no error: the server makes a pause of %s, and the budget is %s", quoted(want), story.Duration(pause), story.Duration(budget)),
			Seen:     got.String(),
			Read:     "lab01_timeout/TestRearmedDeadlineIsForEachRead",
		})
	}
}

// step logs which conversation this is: all of them run concurrently.
func (w waiting) step(g *grading.Grader, what string) {
	g.Step("%sa budget of %v, and a server that %s", what, w.budget, w.says)
}

// judge waits for the call. A mistake that a busy machine can't have caused ends the grading at once. judge returns any other mistake,
// so that the caller can try again.
func (w waiting) judge(g *grading.Grader, call *asking) *grading.Finding {
	f := grading.Finding{
		Sentence: "one-budget",
		Mistake:  w.stuck,
		Expected: fmt.Sprintf("it returns after %s: the server %s", story.Duration(w.budget), w.says),
		Read:     "lab01_timeout/TestOneDeadlineBoundsWholeExchange",
	}
	call.Wait(w.budget, f)
	got := call.outcome()
	if w.judgeReply != nil {
		return w.judgeReply(got)
	}
	got.expectTimeout(g, w.budget)
	if got.took > w.budget*7/5 {
		f.Mistake, f.Seen = w.late, got.String()
		return &f
	}
	if w.checkPart == nil {
		return nil
	}
	return w.checkPart(got)
}

func waitings(g *grading.Grader) []waiting {
	short := func() time.Duration { return grading.Between(250*time.Millisecond, 340*time.Millisecond) }
	text, drop := grading.NewData(20), []byte(grading.Text(1))
	large := grading.NewData(12 << 20) // more than the buffers of both sockets hold
	all := []waiting{{
		says: "is silent", stuck: "receiving has no deadline", late: "receiving takes longer than the budget", budget: short(),
		with: func() (string, grading.Data) { return serve(g, anyFamily(), text, silent).address, text },
	}, {
		says: "sends a byte every 40 ms for ever", stuck: "each read has the whole budget again",
		late: "later reads get more time than is left of the budget", budget: short(),
		with: func() (string, grading.Data) { return serve(g, anyFamily(), text, dripping(drop)).address, text },
		checkPart: func(got reply) *grading.Finding {
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
		says: "sends a byte after 60% of the budget, and then is silent", stuck: "receiving has no deadline",
		late: "the budget starts again with the first byte of the reply", budget: 900 * time.Millisecond,
		with: func() (string, grading.Data) { return serve(g, anyFamily(), text, lateByte).address, text },
	}, {
		says: "reads nothing of a request of 12 MiB", stuck: "sending has no deadline",
		late: "sending takes longer than the budget", budget: short(),
		with: func() (string, grading.Data) { return peer.Stalled(g.Experiment).Address, large },
	}, {
		says: "reads a request of 12 MiB after 60% of the budget, and then is silent", stuck: "the steps do not share one budget",
		late: "each step has the whole budget again", budget: 900 * time.Millisecond,
		with: func() (string, grading.Data) { return slowReader(g, 540*time.Millisecond), large },
	}, {
		says: "reads a request of 12 MiB in pieces, too slowly", stuck: "each write has the whole budget again",
		late: "later writes get more time than is left of the budget", budget: 250 * time.Millisecond,
		with: func() (string, grading.Data) { return piecewise(g), large },
	}, slowAnswer(g, large)}
	all = append(all, unansweredNames(g)...)
	if missing := peer.UnansweredConnects.Missing(); missing != "" {
		g.Step("no server here can leave a connect unanswered: %s", missing)
		return all
	}
	return append(all, waiting{
		says: "does not answer the connect", stuck: "connecting has no timeout", late: "connecting takes longer than the budget", budget: short(),
		with: func() (string, grading.Data) { return peer.FullBacklog(g.Experiment), text },
	}, waiting{
		says: "answers the connect after a second, and then is silent", stuck: "the steps do not share one budget",
		late: "the budget starts again when the connection is established", budget: 1400 * time.Millisecond,
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

// slowAnswer returns a conversation that uses up three quarters of the budget: the server waits before it reads the request, and again
// before it replies.
func slowAnswer(g *grading.Grader, request grading.Data) waiting {
	const budget = 1200 * time.Millisecond
	want := grading.Bytes(100)
	var asked *server
	inTime := grading.Finding{
		Sentence: "whole-reply",
		Mistake:  "it does not return a reply that comes in time",
		Expected: quoted(want) + ", no error",
		Read:     "lab01_timeout/TestOneDeadlineBoundsWholeExchange",
	}
	return waiting{
		says:  "reads a request of 12 MiB after half of the budget, and replies after another quarter of it",
		stuck: "it hangs though the server answers and closes", budget: budget, with: func() (string, grading.Data) {
			listener, err := net.Listen("tcp", anyFamily())
			require.NoError(g.T(), err)
			host, _, err := net.SplitHostPort(listener.Addr().String())
			require.NoError(g.T(), err)
			asked = serveOn(g, host, request, budget/2, func(ctx context.Context, conn *net.TCPConn) {
				harness.Passed(ctx, budget/4)
				conn.Write(want)
				conn.CloseWrite()
			}, listener)
			return asked.address, request
		}, judgeReply: func(got reply) *grading.Finding {
			inTime.Seen = got.String()
			if got.isTimeout() {
				got.expectTimeout(g, budget)
				return &inTime // a busy machine may take too long to transfer so much data
			}
			asked.expectRequest(got)
			g.Expect(got.is(want) && got.err == nil, inTime)
			return nil
		},
	}
}

// slowToConnect starts a server whose backlog stays full for half a second, so that the client's first SYN is dropped. The client's
// kernel retransmits the SYN after a second: RFC 6298, section 2.1.
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
