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

	"github.com/stretchr/testify/require"

	"socketlabs/harness"
	"socketlabs/harness/grading"
	"socketlabs/harness/peer"
	"socketlabs/harness/story"
)

// atOnce has a conversation that an error of the kernel ends. It may be late once, on a busy machine, but not again and again.
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
		Mistake:  "it waits, or tries again, when the kernel has told it an error",
		Expected: "AskWithin returns the error at once",
		Seen:     fmt.Sprintf("the quickest of %d calls takes %s", attempts, story.Duration(quickest)),
		Read:     "lab01_timeout/TestErrorsTellSlowFromDead",
	})
}

// absenceIsTold: nobody listens.
func absenceIsTold(g *grading.Grader) { absenceAtIsTold(g, peer.Absent(g.Experiment)) }

func absenceAtIsTold(g *grading.Grader, address string) {
	atOnce(g, func() reply {
		g.Step("a server that is not there, at %s, and a budget of a minute", address)
		got := askInVain(g, address, "it spends the budget on a server that refuses")
		if got.err != nil && strings.Contains(got.err.Error(), "lookup ") {
			return reply{} // it asks another name server, which is right, too
		}
		got.expectOther(g, "a refusal is not reported as what it is", "the error of the connect", syscall.ECONNREFUSED)
		return got
	})
}

// unreachableIsTold: no connection leads to the address. Linux does not connect to the address of a group: tcp_v4_connect().
func unreachableIsTold(g *grading.Grader) {
	if runtime.GOOS != "linux" {
		return
	}
	_, port, err := net.SplitHostPort(peer.Absent(g.Experiment))
	require.NoError(g.T(), err)
	atOnce(g, func() reply {
		g.Step("an address that can't be reached, and a budget of a minute")
		got := askInVain(g, net.JoinHostPort("224.0.0.1", port), "it spends the budget on an address that can't be reached")
		got.expectOther(g, "an unreachable address is not reported as what it is", "the error of the connect", syscall.ENETUNREACH)
		return got
	})
}

// askInVain asks where no connection comes about.
func askInVain(g *grading.Grader, address, spends string) reply {
	g.T().Helper()
	asking := ask(g, address, grading.NewData(10), time.Minute)
	asking.Wait(0, grading.Finding{
		Sentence: "says-other",
		Mistake:  spends,
		Expected: "AskWithin returns the error at once",
		Read:     "lab01_timeout/TestErrorsTellSlowFromDead",
	})
	return asking.told()
}

// resetIsTold: the server resets the connection in the middle of its reply.
func resetIsTold(g *grading.Grader) {
	part := grading.Bytes(1 + rand.N(1000))
	atOnce(g, func() reply { return isReset(g, part) })
}

// earlyResetIsTold: the server resets the connection before its reply.
func earlyResetIsTold(g *grading.Grader) {
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
	again := func() grading.Finding {
		return grading.Finding{
			Sentence: "one-question",
			Mistake:  "it asks again when the connection was reset",
			Expected: "one connection",
			Seen:     story.Count(int(server.clients.Load()), "connection"),
		}
	}
	asking.WaitOrSee(0, func() grading.Finding {
		if server.clients.Load() > 1 {
			return again()
		}
		return grading.Finding{
			Sentence: "says-other",
			Mistake:  "it hangs on a connection that was reset",
			Expected: "AskWithin returns the error at once",
		}
	})
	got := asking.told()
	g.Expect(server.clients.Load() == 1, again())
	got.expectOther(g, "it takes a broken connection for the end of the reply", "the error of the read", syscall.ECONNRESET)
	if runtime.GOOS == "linux" { // other kernels throw away what was not read before the reset
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

// unsentQuestionIsTold: the server resets the connection while the question is sent.
func unsentQuestionIsTold(g *grading.Grader) {
	atOnce(g, func() reply {
		g.Step("a server that resets the connection while the question is sent, which is 8 MiB")
		server := serve(g, anyFamily(), grading.NewData(1), func(_ context.Context, conn *net.TCPConn) {
			conn.SetLinger(0)
			conn.Close()
		})
		asking := ask(g, server.address, grading.NewData(8<<20), time.Minute)
		asking.Wait(0, grading.Finding{
			Sentence: "says-other",
			Mistake:  "it hangs on a connection that was reset",
			Expected: "AskWithin returns the error at once",
		})
		got := asking.told()
		got.expectOther(g, "the error of the write is lost", "the error of the write", syscall.ECONNRESET, syscall.EPIPE)
		return got
	})
}

// noBudgetIsSpent: the budget is 0 or less.
func noBudgetIsSpent(g *grading.Grader) {
	text, connects := grading.NewData(10), true
	for _, budget := range []time.Duration{0, 0, -1, -1, -time.Hour, -time.Hour} {
		g.Step("a silent server, which answers the connect: %v; and a budget of %v", connects, budget)
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
		asking.told().expectTimeout(g, budget)
	}
}

// everyMoment: a budget of no whole milliseconds is kept, too, at each step. A timer may be late: of many calls the quickest counts.
func everyMoment(g *grading.Grader) {
	const calls = 20
	addresses := map[string]string{"is silent": serve(g, anyFamily(), grading.NewData(1), silent).address}
	if peer.UnansweredConnects.Missing() == "" {
		addresses["does not answer the connect"] = peer.FullBacklog(g.Experiment)
	}
	var judges []func()
	for does, address := range addresses {
		for _, budget := range []time.Duration{4*time.Millisecond - time.Microsecond, 700 * time.Microsecond} {
			what := fmt.Sprintf("%d questions to a server that %s, with a budget of %v", calls, does, budget)
			g.Step("%s", what)
			quickest := time.Duration(0)
			running := g.Go("AskWithin", func() { quickest = quickestAsk.On(g, manyAsks{address, budget, calls}) })
			judges = append(judges, func() {
				g.Step("%s", what)
				running.Wait(calls*budget, grading.Finding{
					Sentence: "one-budget", Mistake: "so short a budget has no end", Expected: "each returns when the budget is spent",
				})
				g.Expect(quickest >= budget, grading.Finding{
					Sentence: "whole-budget",
					Mistake:  "it gives up before the budget is spent",
					Expected: "each has " + budget.String(),
					Seen:     fmt.Sprintf("one of %d has %v", calls, quickest),
					Read:     "lab01_timeout/TestOneDeadlineBoundsWholeExchange",
				})
			})
		}
	}
	for _, judge := range judges {
		judge()
	}
}

// silent says nothing, also to a client that has called CloseWrite: that it has gone can't be seen then.
func silent(ctx context.Context, _ *net.TCPConn) { <-ctx.Done() }

// piecewise reads a piece every 20 ms, and says nothing. The client's kernel takes more when a third of its buffer is free.
func piecewise(g *grading.Grader) (address string) {
	return peer.Serve(g.Experiment, func(ctx context.Context, conn *net.TCPConn) {
		for piece := make([]byte, 256<<10); harness.Passed(ctx, 20*time.Millisecond); {
			if _, err := io.ReadFull(conn, piece); err != nil {
				return
			}
		}
	})
}

// slowReader reads all after a pause, and says nothing.
func slowReader(g *grading.Grader, pause time.Duration) (address string) {
	return peer.Serve(g.Experiment, func(ctx context.Context, conn *net.TCPConn) {
		harness.Passed(ctx, pause)
		io.Copy(io.Discard, conn)
		silent(ctx, conn)
	})
}
