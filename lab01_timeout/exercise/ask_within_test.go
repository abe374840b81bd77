package exercise_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net"
	"runtime"
	"strings"
	"testing"
	"time"

	"socketlabs/harness"
	"socketlabs/harness/grading"
	"socketlabs/harness/peer"
	"socketlabs/harness/story"
)

// TestAskWithin: connecting, sending the request and receiving the whole reply share one budget.
//
// Points: 10
// Read: TestOneDeadlineBoundsWholeExchange, TestDialTimeoutGivesUp, TestRearmedDeadlineIsForEachRead, TestErrorsTellSlowFromDead
// Hint: Read the clock once, at the beginning: the moment at which the budget is spent is the same for all
// steps.
// Hint: net.Dialer has a Deadline, and a connection has SetDeadline. Both take that moment.
// Hint: One Read returns what has come so far, not the reply. io.ReadAll reads to the end, and also returns what
// came before an error. Close the connection with defer.
func TestAskWithin(t *testing.T) {
	g := grading.Start(t)
	wholeReplyComes(g, anyFamily(), 1+rand.N(1000), 33<<20+rand.N(4<<20))
	namesWithAddresses(g)
	answeredAtOnce(g)
	waits(g)
	everyMoment(g)
	answeredAtOnce(g)
}

// answeredAtOnce is every conversation in which nobody waits, in an order that varies.
func answeredAtOnce(g *grading.Grader) {
	right := []func(*grading.Grader){
		func(g *grading.Grader) { wholeReplyComes(g, anyFamily(), 1, 0) },
		func(g *grading.Grader) { wholeReplyComes(g, anyFamily(), 0, 1) },
		func(g *grading.Grader) { wholeReplyComes(g, "127.0.0.1:0", 1+rand.N(1000), 1+rand.N(1000)) },
		func(g *grading.Grader) { wholeReplyComes(g, anyFamily(), 256<<10+rand.N(6<<20), 6<<20+rand.N(2<<20)) },
		func(g *grading.Grader) { wholeReplyComes(g, anyFamily(), 1+rand.N(1000), 64<<10+rand.N(2<<20)) },
	}
	wrong := []func(*grading.Grader){absenceIsTold, resetIsTold, unsentQuestionIsTold, noBudgetIsSpent}
	if harness.BothFamilies.Missing() == "" {
		right = append(right, func(g *grading.Grader) { wholeReplyComes(g, "[::1]:0", 1+rand.N(1000), 1+rand.N(1000)) })
	}
	if found, err := net.LookupHost("localhost"); err == nil && strings.Contains(strings.Join(found, " "), "127.0.0.1") {
		right = append(right, func(g *grading.Grader) { wholeReplyComes(g, "localhost:0", 1+rand.N(1000), 1+rand.N(1000)) })
	}
	rand.Shuffle(len(right), func(i, k int) { right[i], right[k] = right[k], right[i] })
	rand.Shuffle(len(wrong), func(i, k int) { wrong[i], wrong[k] = wrong[k], wrong[i] })
	for _, conversation := range append(right, wrong...) {
		conversation(g)
	}
}

// anyFamily is a loopback address of one of the families that are here.
func anyFamily() string {
	if harness.BothFamilies.Missing() == "" && rand.N(2) == 0 {
		return "[::1]:0"
	}
	return harness.Loopback()
}

// wholeReplyComes: the server answers and closes.
func wholeReplyComes(g *grading.Grader, at string, questionSize, replySize int) {
	text, want := grading.NewData(questionSize), grading.Bytes(replySize)
	if replySize > 1 {
		want[0], want[replySize-1] = '\n', '\n' // what some would trim
	}
	g.Step("a server at %s answers a question of %d bytes with %d bytes, in pieces", at, questionSize, replySize)
	server := serve(g, at, text, func(_ context.Context, conn *net.TCPConn) {
		for rest := want; len(rest) > 0; {
			n := min(len(rest), 1+rand.N(200<<10))
			if _, err := conn.Write(rest[:n]); err != nil {
				return
			}
			rest = rest[n:]
		}
		conn.CloseWrite()
	})
	asking := ask(g, server.address, text, time.Minute)
	asking.Reaches(server.asked, 0, grading.Finding{
		Sentence: "one-question",
		Mistake:  "the server does not get the whole question",
		Expected: quoted(text.Bytes()),
	})
	asking.Wait(0, grading.Finding{
		Sentence: "whole-reply",
		Mistake:  "it hangs though the server answers and closes",
		Expected: "AskWithin returns the reply",
		Read:     "lab01_timeout/TestSampleTellsSilentServerFromAbsentOne",
	})
	got := asking.told()
	server.expectQuestion(got)
	g.Expect(got.is(want) && got.err == nil, grading.Finding{
		Sentence: "whole-reply",
		Mistake:  "it does not return the whole reply",
		Expected: fmt.Sprintf("%s, no error", quoted(want)),
		Seen:     got.String(),
		Read:     "lab01_timeout/TestSampleTellsSilentServerFromAbsentOne",
	})
}

// absenceIsTold: nobody listens.
func absenceIsTold(g *grading.Grader) { absenceAtIsTold(g, peer.Absent(g.Experiment)) }

func absenceAtIsTold(g *grading.Grader, address string) {
	g.Step("a server that is not there, at %s, and a budget of a minute", address)
	asking := ask(g, address, grading.NewData(10), time.Minute)
	asking.Wait(0, grading.Finding{
		Sentence: "says-other",
		Mistake:  "it spends the budget on a server that refuses",
		Expected: "AskWithin returns the error at once",
		Read:     "lab01_timeout/TestErrorsTellSlowFromDead",
	})
	got := asking.told()
	if got.err != nil && strings.Contains(got.err.Error(), "lookup ") {
		return // it asks another name server, which is right, too
	}
	got.expectOther(g, "a refusal is not reported as what it is", "the error of the connect")
}

// resetIsTold: the server resets the connection in the middle of its reply.
func resetIsTold(g *grading.Grader) {
	text, part := grading.NewData(1+rand.N(100)), grading.Bytes(1+rand.N(1000))
	g.Step("a server that sends %d bytes of the reply, and then resets the connection", len(part))
	server := serve(g, anyFamily(), text, func(_ context.Context, conn *net.TCPConn) {
		conn.Write(part)
		conn.SetLinger(0)
		conn.Close()
	})
	asking := ask(g, server.address, text, time.Minute)
	asking.Wait(0, grading.Finding{
		Sentence: "says-other",
		Mistake:  "it hangs on a connection that was reset",
		Expected: "AskWithin returns the error at once",
	})
	got := asking.told()
	g.Expect(server.clients.Load() == 1, grading.Finding{
		Sentence: "one-question",
		Mistake:  "it asks again when the connection was reset",
		Expected: "one connection",
		Seen:     story.Count(int(server.clients.Load()), "connection"),
	})
	got.expectOther(g, "it takes a broken connection for the end of the reply", "the error of the read")
	if runtime.GOOS == "linux" { // other kernels throw away what was not read before the reset
		g.Expect(got.is(part), grading.Finding{
			Sentence: "keeps-part",
			Mistake:  "what has come before the error is lost",
			Expected: fmt.Sprintf("%s, and the error", quoted(part)),
			Seen:     got.String(),
			Read:     "lab01_timeout/TestDeadlineSetOnceEndsConversation",
		})
	}
}

// unsentQuestionIsTold: the server resets the connection while the question is sent.
func unsentQuestionIsTold(g *grading.Grader) {
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
	asking.told().expectOther(g, "the error of the write is lost", "the error of the write")
}
