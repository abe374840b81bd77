package exercise_test

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"runtime"
	"strings"
	"syscall"
	"time"

	"socketlabs/harness"
	"socketlabs/harness/grading"
	"socketlabs/harness/peer"
	"socketlabs/harness/story"
)

// atOnce holds a conversation that an error from the kernel ends, several times. On a busy machine, AskWithin may return late, so only
// the quickest call counts.
func atOnce(g *grading.Grader, hold func() reply) {
	g.T().Helper()
	const attempts = 5
	quickest := grading.Patience
	for range attempts {
		if quickest = min(quickest, hold().took); quickest < soon {
			return
		}
	}
	g.Expect(false, grading.Finding{
		Sentence: "says-other",
		Mistake:  "it waits, or tries again, although the kernel has reported an error",
		Expected: "AskWithin returns the error at once",
		Seen:     fmt.Sprintf("the quickest of %d calls takes %s", attempts, story.Duration(quickest)),
		Read:     "lab01_timeout/TestErrorsTellSlowFromDead",
	})
}

// refusalIsReported: nobody listens on the port.
func refusalIsReported(g *grading.Grader) { refusalIsReportedAt(g, peer.Absent(g.Experiment)) }

func refusalIsReportedAt(g *grading.Grader, address string) {
	atOnce(g, func() reply {
		g.Step("a server that is not there, at %s, and a budget of a minute", address)
		got := askInVain(g, address, time.Minute, "it spends the budget on a server that refuses")
		if got.err != nil && strings.Contains(got.err.Error(), "lookup ") {
			return reply{} // the student's code asks another name server, which is right, too
		}
		got.expectOther(g, "a refusal is not reported as what it is", "the error of the connect", syscall.ECONNREFUSED)
		return got
	})
}

// askInVain calls AskWithin with an address to which it can't connect. hangs is the mistake of a call that doesn't return.
func askInVain(g *grading.Grader, address string, budget time.Duration, hangs string) reply {
	g.T().Helper()
	asking := ask(g, address, grading.NewData(10), budget)
	asking.Wait(0, grading.Finding{
		Sentence: "says-other",
		Mistake:  hangs,
		Expected: "AskWithin returns the error at once",
		Read:     "lab01_timeout/TestErrorsTellSlowFromDead",
	})
	return asking.outcome()
}

// resetIsReported: the server resets the connection in the middle of its reply.
func resetIsReported(g *grading.Grader) {
	for _, size := range []int{1 + rand.N(3), 1 + rand.N(1000)} {
		part := grading.Bytes(size)
		atOnce(g, func() reply { return isReset(g, part) })
	}
}

// earlyResetIsReported: the server resets the connection before its reply.
func earlyResetIsReported(g *grading.Grader) {
	atOnce(g, func() reply { return isReset(g, nil) })
}

func isReset(g *grading.Grader, part []byte) reply {
	text := grading.NewData(1 + rand.N(100))
	g.Step("a server that sends %d bytes of the reply, and then resets the connection", len(part))
	server := serve(g, anyFamily(), text, func(_ context.Context, conn *net.TCPConn) {
		conn.Write(part)
		conn.SetLinger(0)
		conn.Close()
	})
	asking := ask(g, server.address, text, time.Minute)
	asking.WaitOrSee(0, server.hangsAfterReset)
	got := asking.outcome()
	g.Expect(server.clients.Load() == 1, server.isAskedAgain())
	// If the reset comes before CloseWrite, that fails with ENOTCONN: shutdown(2).
	got.expectOther(g, "it takes a broken connection for the end of the reply", "the error of the read, or of CloseWrite",
		syscall.ECONNRESET, syscall.ENOTCONN)
	if runtime.GOOS == "linux" { // other kernels discard data that was not read before the reset
		g.Expect(got.is(part), grading.Finding{
			Sentence: "keeps-part",
			Mistake:  "what has come before the error is lost",
			Expected: fmt.Sprintf("%s, and the error", quoted(part)),
			Seen:     got.String(),
			Read:     "lab01_timeout/TestDeadlineSetOnceEndsConversation",
		})
	}
	return got
}

// hangsAfterReset is the finding on a call that goes on after its connection was reset.
func (s *server) hangsAfterReset() grading.Finding {
	if s.clients.Load() > 1 {
		return s.isAskedAgain()
	}
	return grading.Finding{
		Sentence: "says-other",
		Mistake:  "it hangs on a connection that was reset",
		Expected: "AskWithin returns the error at once",
	}
}

func (s *server) isAskedAgain() grading.Finding {
	return grading.Finding{
		Sentence: "one-question",
		Mistake:  "it connects again after the connection was reset",
		Expected: "one connection",
		Seen:     story.Count(int(s.clients.Load()), "connection"),
	}
}

// failedSendIsReported: the server resets the connection while AskWithin sends the request. If the server has closed its half before, the
// error of the write is EPIPE: tcp_reset() in Linux.
func failedSendIsReported(g *grading.Grader) {
	for _, halfCloses := range []bool{false, true} {
		atOnce(g, func() reply {
			g.Step("a server that resets the connection while a request of 8 MiB is sent; it has closed its half before: %v", halfCloses)
			server := serve(g, anyFamily(), grading.NewData(1), func(_ context.Context, conn *net.TCPConn) {
				if halfCloses {
					conn.CloseWrite()
				}
				conn.SetLinger(0)
				conn.Close()
			})
			asking := ask(g, server.address, grading.NewData(8<<20), time.Minute)
			asking.WaitOrSee(0, server.hangsAfterReset)
			got := asking.outcome()
			got.expectOther(g, "the error of the write is lost", "the error of the write", syscall.ECONNRESET, syscall.EPIPE)
			return got
		})
	}
}

// zeroOrNegativeBudget: the budget is 0 or less, so it is spent from the beginning.
func zeroOrNegativeBudget(g *grading.Grader) {
	text, connects := grading.NewData(10), true
	for _, budget := range []time.Duration{0, 0, -1, -1, -time.Hour, -time.Hour} {
		g.Step("a budget of %v, and a silent server; the server answers the connect: %v", budget, connects)
		address, stuck := serve(g, anyFamily(), text, silent).address, "it treats a budget of 0 or less as endless"
		if !connects {
			address, stuck = peer.FullBacklog(g.Experiment), "connecting has no timeout"
		}
		connects = !connects || peer.UnansweredConnects.Missing() != ""
		asking := ask(g, address, text, budget)
		asking.Wait(0, grading.Finding{
			Sentence: "one-budget",
			Mistake:  stuck,
			Expected: "AskWithin returns at once: the budget is spent",
			Read:     "lab01_timeout/TestDialTimeoutGivesUp",
		})
		asking.outcome().expectTimeout(g, budget)
	}
}

// refusedWithoutBudget: the budget is spent from the beginning, even if the server refuses, or answers at once.
func refusedWithoutBudget(g *grading.Grader) {
	quick := serve(g, anyFamily(), grading.NewData(10), func(_ context.Context, conn *net.TCPConn) { conn.CloseWrite() }).address
	for _, budget := range []time.Duration{0, -1, -time.Hour} {
		for does, address := range map[string]string{"refuses": peer.Absent(g.Experiment), "answers at once": quick} {
			g.Step("a budget of %v, and a server that %s", budget, does)
			askInVain(g, address, budget, "it waits without a budget").expectTimeout(g, budget)
		}
	}
}

// shortBudgets: AskWithin keeps a budget that is not a whole number of milliseconds, too. AskWithin
// spends it on connecting, or on receiving. A timer may fire late, so only the quickest of many calls counts.
func shortBudgets(g *grading.Grader) {
	const calls = 20
	addresses := map[string]string{"is silent": serve(g, anyFamily(), grading.NewData(1), silent).address}
	if peer.UnansweredConnects.Missing() == "" {
		addresses["does not answer the connect"] = peer.FullBacklog(g.Experiment)
	}
	var judges []func()
	for does, address := range addresses {
		for _, budget := range []time.Duration{4*time.Millisecond - time.Microsecond, 700 * time.Microsecond} {
			what := fmt.Sprintf("%d calls of AskWithin, with a server that %s, and a budget of %v each", calls, does, budget)
			g.Step("%s", what)
			quickest := time.Duration(0)
			running := g.Go("AskWithin", func() { quickest = quickestAsk.On(g, manyAsks{address, budget, calls}) })
			judges = append(judges, func() {
				g.Step("%s", what)
				running.Wait(calls*budget, grading.Finding{
					Sentence: "one-budget", Mistake: "with so short a budget, it does not return", Expected: "each call returns when the budget is spent",
				})
				g.Expect(quickest >= budget, grading.Finding{
					Sentence: "whole-budget",
					Mistake:  "it gives up before the budget is spent",
					Expected: "each call lasts for " + budget.String() + " at least",
					Seen:     fmt.Sprintf("one of %d calls lasts for %s", calls, story.Duration(quickest)),
					Read:     "lab01_timeout/TestOneDeadlineBoundsWholeExchange",
				})
			})
		}
	}
	for _, judge := range judges {
		judge()
	}
}

// silent sends nothing until the grading ends, whatever it gets from the client. After CloseWrite, a server can't see whether the client
// has gone.
func silent(ctx context.Context, _ *net.TCPConn) { <-ctx.Done() }

// lateByte sends a byte after 60% of a budget of 900 ms, and nothing more.
func lateByte(ctx context.Context, conn *net.TCPConn) {
	harness.Passed(ctx, 540*time.Millisecond)
	conn.Write([]byte("!"))
	silent(ctx, conn)
}

// piecewise starts a server that reads 256 KiB every 20 ms, and sends nothing. The client's kernel lets a write go on whenever a third of
// the send buffer is free.
func piecewise(g *grading.Grader) (address string) {
	return peer.Serve(g.Experiment, func(ctx context.Context, conn *net.TCPConn) {
		for piece := make([]byte, 256<<10); harness.Passed(ctx, 20*time.Millisecond); {
			if _, err := io.ReadFull(conn, piece); err != nil {
				return
			}
		}
	})
}

// slowReader starts a server that reads everything after a pause, and sends nothing.
func slowReader(g *grading.Grader, pause time.Duration) (address string) {
	return peer.Serve(g.Experiment, func(ctx context.Context, conn *net.TCPConn) {
		harness.Passed(ctx, pause)
		io.Copy(io.Discard, conn)
		silent(ctx, conn)
	})
}
