package exercise_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net"
	"sync/atomic"
	"time"

	"socketlabs/harness/grading"
	"socketlabs/harness/peer"
	"socketlabs/harness/story"
	"socketlabs/lab01_timeout/exercise"
)

// Calls share nothing: none of them waits for another, or changes what another returns.

// besideAnotherRead: a read returns data while a read of another PatientConn waits.
func besideAnotherRead(g *grading.Grader) {
	g.Step("a read waits; meanwhile another PatientConn is read, and its read is answered")
	waits, other := aroundScript(g, newScripted(), time.Minute), aroundScript(g, newScripted(scriptedRead{data: []byte("!")}), time.Minute)
	reading := waits.begin()
	waits.script.await(func() bool { return len(waits.script.reads) > 0 }, grading.Patience)
	other.read(0, grading.Finding{
		Sentence: "it-returns",
		Mistake:  "a read waits for the read of another PatientConn",
		Expected: "it returns what has come",
	})
	waits.script.change(func() { waits.script.results = []scriptedRead{{data: []byte("!")}} })
	reading.Wait(0, hasCome)
}

// waitsLong begins calls that wait in one step for longer than code may that bounds each step, beside the budget. They wait while other
// conversations run. judge judges what they return.
func waitsLong(g *grading.Grader) (judge func()) {
	const budget = 2300 * time.Millisecond
	addresses := map[string]string{"is silent": serve(g, anyFamily(), grading.NewData(1), silent).address}
	if peer.UnansweredConnects.Missing() == "" {
		addresses["does not answer the connect"] = peer.FullBacklog(g.Experiment)
	}
	var judges []func()
	for does, address := range addresses {
		what := fmt.Sprintf("a budget of %v, and a server that %s", budget, does)
		g.Step("%s", what)
		call := ask(g, address, grading.NewData(1), budget)
		judges = append(judges, func() {
			g.Step("the outcome: %s", what)
			call.Wait(budget, grading.Finding{
				Sentence: "one-budget", Mistake: "it does not return when the budget is spent", Expected: "it returns after " + story.Duration(budget),
			})
			call.outcome().expectTimeout(g, budget)
		})
	}
	return func() {
		for _, judge := range judges {
			judge()
		}
	}
}

// manyAtOnce: many calls wait at the same time, and none of them waits for another, not even for one with a larger budget. On a busy
// machine, a call may return late, which proves nothing: at least one of several attempts must be in time. Each has a larger budget.
func manyAtOnce(g *grading.Grader) {
	const calls, attempts = 70, 4
	text, isOver := grading.NewData(1), make(chan struct{})
	server := serve(g, anyFamily(), text, func(ctx context.Context, conn *net.TCPConn) {
		select {
		case <-isOver:
		case <-ctx.Done():
		}
		conn.CloseWrite()
	})
	g.Step("a call waits for a silent server, with a budget of a minute")
	waits := ask(g, server.address, text, time.Minute)
	waits.Reaches(server.asked, 0, hangs)
	budget, longest := 200*time.Millisecond, time.Duration(0)
	f := grading.Finding{Sentence: "one-budget", Mistake: "a call waits until other calls have returned"}
	for range attempts {
		g.Step("%d more calls at the same time, with a budget of %v each", calls, budget)
		f.Expected = "each call returns after " + story.Duration(budget)
		g.Call("AskWithin", 20*budget, f, func() { longest = longestAsk.On(g, manyAsks{server.address, budget, calls}) })
		if longest < budget*17/10 {
			close(isOver)
			waits.Wait(0, hangs)
			return
		}
		f.Seen = "one of them returns after " + story.Duration(longest)
		budget *= 2
	}
	g.Expect(false, f)
}

// askedTwice: two calls ask the same question at the same time, and the server answers when both have asked.
func askedTwice(g *grading.Grader) {
	text, both, asked := grading.NewData(1+rand.N(100)), make(chan struct{}), atomic.Int32{}
	server := serve(g, anyFamily(), text, func(ctx context.Context, conn *net.TCPConn) {
		if asked.Add(1) == 2 {
			close(both)
		}
		select {
		case <-both:
		case <-ctx.Done():
		}
		conn.CloseWrite()
	})
	g.Step("two calls ask the same question at the same time; the server answers when both have asked")
	calls := []*asking{ask(g, server.address, text, time.Minute), ask(g, server.address, text, time.Minute)}
	calls[0].Reaches(both, 0, grading.Finding{
		Sentence: "one-question",
		Mistake:  "two calls with the same question share a connection, or take turns",
		Expected: "each call asks the server, on a connection of its own",
	})
	for _, call := range calls {
		call.Wait(0, hangs)
	}
}

// listensLater: nobody listens at an address, and the connect is refused. Then a server listens there, and is asked.
func listensLater(g *grading.Grader) {
	address := peer.ReservedAddressAt(g.Experiment, grading.Hosts()[0]).String()
	g.Step("nobody listens at %s; then a server does", address)
	askInVain(g, address, time.Minute, "it spends the budget on a server that refuses")
	text, want := grading.NewData(1+rand.N(100)), []byte(grading.Text(9))
	server := serve(g, address, text, func(_ context.Context, conn *net.TCPConn) {
		conn.Write(want)
		conn.CloseWrite()
	})
	asking := ask(g, server.address, text, time.Minute)
	asking.Wait(0, hangs)
	got := asking.outcome()
	g.Expect(got.is(want) && got.err == nil, grading.Finding{
		Sentence: "one-question",
		Mistake:  "an earlier call's refusal keeps it from asking a server that listens by now",
		Expected: quoted(want) + ", no error",
		Seen:     got.String(),
	})
	server.expectRequest(got)
}

// hangs is the finding for a call that does not return, or does not ask, though the server answers and closes.
var hangs = grading.Finding{
	Sentence: "it-returns",
	Mistake:  "it hangs though the server answers and closes",
	Expected: "AskWithin returns the reply",
}

// besideAnotherSending: while a write of one call waits, another call sends its data, and so does one between two timeouts of a call.
func besideAnotherSending(g *grading.Grader) {
	const size = 1000
	g.Step("a write waits, with a patience of %v; meanwhile another call sends its data", hour)
	waits := ship(g, size, hour, func(*scripted) {}, func(*shipping, int) bool { return false })
	waits.script.await(func() bool { return waits.script.writing > 0 }, grading.Patience)
	takes(g, size, time.Minute)
	waits.script.change(func() { waits.script.room = size })
	waits.end(0)

	g.Step("%d bytes, and a connection that takes a byte after each timeout, until another call has returned", size)
	asked, isOver := make(chan struct{}), atomic.Int32{}
	s := ship(g, size, short(), func(c *scripted) { c.room = 1 }, func(s *shipping, nth int) bool {
		if nth == 1 {
			close(asked)
		}
		s.script.change(func() { s.script.room = 1 })
		if isOver.Load() > 0 && isOver.Add(1) > 2 { // at the second timeout after that
			s.script.change(func() { s.script.room = size })
		}
		return nth < tooOften
	})
	s.Reaches(asked, s.patience, s.stuck())
	takes(g, size, time.Minute)
	isOver.Store(1)
	s.end(tooOften)
	s.expectCallsOfGoOn()
	s.expectSent(s.data.Bytes(), s.script.taken)
}

// shipped has all calls of SendAll on scripted connections that have returned.
var shipped []*shipping

// noDeadlineLater: calls of SendAll that have returned leave nothing that sets a deadline later, as a timer does.
func noDeadlineLater(g *grading.Grader) {
	g.Step("all calls have returned; the deadlines of their connections some time later")
	time.Sleep(100 * time.Millisecond) // longer than the patience of most calls
	for _, s := range shipped {
		s.expectNoDeadline("it sets a deadline after it has returned")
	}
}

func (s *shipping) expectNoDeadline(mistake string) {
	s.g.T().Helper()
	_, write := s.script.deadlines()
	s.g.Expect(write.IsZero(), grading.Finding{
		Sentence: "none-behind",
		Mistake:  mistake,
		Expected: "the connection has no write deadline",
		Seen:     fmt.Sprintf("%s; SendAll has returned %v", moment(write), s),
		Read:     "lab01_timeout/TestExpiredDeadlineFailsEvenWithDataReady",
	})
}

// besideAnotherReader: a MessageReader returns a message while another reader waits.
func besideAnotherReader(g *grading.Grader) {
	g.Step("a reader waits; meanwhile a message comes to another one")
	waits, message := overScript(g), grading.Bytes(9)
	call := waits.call(hour)
	waits.script.await(func() bool { return len(waits.script.reads) > 0 }, grading.Patience)
	overScript(g, pieces(framed(message), 20)...).expect("it-returns", message)
	waits.comes(framed(message), false)
	call.end("it-returns")
}

// longestAsk makes these calls at the same time, and returns how long the longest took.
var longestAsk = grading.Export("longest AskWithin", func(m manyAsks) (longest time.Duration) {
	took := make(chan time.Duration)
	for range m.Calls {
		go func() { took <- quickestOf(1, func() { exercise.AskWithin(m.Address, []byte("?"), m.Budget) }) }()
	}
	for range m.Calls {
		longest = max(longest, <-took)
	}
	return longest
})
