package exercise_test

import (
	"errors"
	"fmt"
	"io"
	"math"
	"net"
	"os"
	"time"

	"socketlabs/harness"
	"socketlabs/harness/grading"
	"socketlabs/harness/link"
	"socketlabs/harness/peer"
	"socketlabs/harness/story"
)

// staying is a client that does not hang up, or can't, within patience.
type staying struct {
	does    string
	answer  int
	first   func(g *grading.Grader, client *net.TCPConn)
	then    func(c *conversation)
	isWell  bool // it has the answer and has hung up: no error is right, too
	listens bool // how the connection ends, for longer than others; it does nothing else
}

// stays is a staying client and its conversation.
type stays struct {
	staying
	*conversation
}

var stayingClients = []staying{
	{does: "has its answer and goes on talking", answer: 50, then: func(c *conversation) {
		peer.Drip(c.g.Experiment, c.client, grading.Text(1000), c.patience/10)
	}},
	{does: "has its answer and does nothing", answer: 50, then: func(c *conversation) { c.readAnswer() }, listens: true},
	{does: "does not read its answer", answer: moreThanBuffersHold},
	{does: "reads its answer little by little", answer: 4 * moreThanBuffersHold, then: func(c *conversation) { // for 16 times patience
		peer.Sip(c.g.Experiment, c.client, 4*clientsBuffer, c.patience/8)
	}},
	{does: "reads its answer when patience is nearly over", answer: moreThanBuffersHold, then: func(c *conversation) {
		c.g.Go("the client", func() {
			time.Sleep(c.patience * 3 / 4)
			io.CopyN(io.Discard, c.client, int64(c.answer.Size))
		})
	}},
	{does: "ends its side and does not read its answer", answer: 3 * clientsBuffer, first: endSide},
	{does: "ends its side and does not read its long answer", answer: moreThanBuffersHold, first: endSide},
	{does: "has vanished", answer: 50, first: vanish},
	{does: "ends its side and has vanished", answer: 50, first: func(g *grading.Grader, client *net.TCPConn) {
		vanish(g, client)
		endSide(g, client)
	}},
	{does: "has its answer, vanishes, and ends its side", answer: 50, then: func(c *conversation) {
		c.readAnswer()
		vanish(c.g, c.client)
		endSide(c.g, c.client)
	}, isWell: true},
	{does: "has its answer, vanishes, and ends its side when patience is nearly over", answer: 50, then: func(c *conversation) {
		c.readAnswer()
		vanish(c.g, c.client)
		c.g.Go("the client", func() {
			time.Sleep(c.patience * 3 / 4)
			c.client.CloseWrite()
		})
	}, isWell: true},
}

// endSide fails if the server has reset the connection, as is judged later.
func endSide(_ *grading.Grader, client *net.TCPConn) { client.CloseWrite() }

func vanish(g *grading.Grader, client *net.TCPConn) { link.Vanish(g.Experiment, client) }

// clientsThatStay begins conversations, all at a time, with that many times the patience of the first attempt.
func clientsThatStay(g *grading.Grader, clients []staying, times time.Duration) (all []stays) {
	g.T().Helper()
	for _, client := range clients {
		patience := times * grading.Between(600*time.Millisecond, 900*time.Millisecond)
		if client.listens {
			patience += 500 * time.Millisecond // more than a second
		}
		g.Step("a client %s; patience is %v", client.does, patience)
		c := begin(g, client.answer, patience, func(conn *net.TCPConn) {
			if client.first != nil {
				client.first(g, conn)
			}
		})
		if client.then != nil {
			client.then(c)
		}
		all = append(all, stays{client, c})
	}
	return all
}

// judgeStaying waits for the conversations. A stall of this machine can make one of them late: it is held again, with
// twice the patience, and code that is wrong is late again.
func judgeStaying(g *grading.Grader, conversations []stays) {
	g.T().Helper()
	const last = 8 // what is wrong is known well before labs grade stops an exercise
	for times := time.Duration(2); ; times *= 2 {
		var late []staying
		var f grading.Finding
		for _, s := range conversations {
			s.runsOut()
			if s.took > s.patience*3/2 {
				late, f = append(late, s.staying), s.tooLate()
			}
		}
		if len(late) == 0 {
			return
		}
		g.Expect(times < last, f)
		conversations = clientsThatStay(g, late, times)
	}
}

func (s stays) tooLate() grading.Finding {
	return grading.Finding{
		Sentence: "patience",
		Mistake:  "the conversation takes longer than patience",
		Expected: fmt.Sprintf("where the client %s, EndConversation returns after %s", s.does, story.Duration(s.patience)),
		Seen:     "it returns after " + story.Duration(s.took),
		Read:     "lab01_timeout/TestOneDeadlineBoundsWholeExchange",
	}
}

// runsOut judges a conversation that the client does not end.
func (s stays) runsOut() {
	s.g.T().Helper()
	s.g.Step("patience is over; a client %s", s.does)
	stuck := s.tooLate()
	stuck.Mistake, stuck.Seen = "a client can hold the server for ever", ""
	s.Wait(s.patience, stuck)
	s.g.Outcome(harness.Server, "EndConversation: %v", s.err)
	s.leavesNothing()
	s.g.Expect(s.took >= s.patience, grading.Finding{
		Sentence: "whole-patience",
		Mistake:  "the client is given up before patience is over",
		Expected: fmt.Sprintf("where the client %s, it may take %s", s.does, story.Duration(s.patience)),
		Seen:     fmt.Sprintf("EndConversation returns after %s, with %v", story.Duration(s.took), s.err),
		Read:     "lab01_timeout/TestOneDeadlineBoundsWholeExchange",
	})
	s.g.Expect(errors.Is(s.err, os.ErrDeadlineExceeded) || s.isWell && s.err == nil, grading.Finding{
		Sentence: "deadline-error",
		Mistake:  "nobody is told that patience ran out",
		Expected: fmt.Sprintf("where the client %s, an error by which errors.Is finds os.ErrDeadlineExceeded", s.does),
		Seen:     fmt.Sprint(s.err),
		Read:     "lab01_timeout/TestErrorsTellSlowFromDead",
	})
	if s.listens {
		s.hearsNoEnd()
	}
	s.client.SetLinger(0)
	s.client.Close()
}

// briefPatience: patience is less than the units in which deadlines are often counted.
func briefPatience(g *grading.Grader) {
	g.T().Helper()
	for _, patience := range []time.Duration{1, 300 * time.Microsecond} {
		for attempt := 1; ; attempt++ {
			g.Step("a client does nothing; patience is %v", patience)
			s := stays{staying{does: "does nothing"}, begin(g, 50, patience, func(*net.TCPConn) {})}
			s.runsOut()
			g.Expect(len(s.Left) == 0, grading.Finding{
				Sentence: "no-trace",
				Mistake:  "the connection is closed only after the call has returned",
				Expected: "the server's socket is gone when the call returns",
				Seen:     inWords(s.Left),
				Read:     "lab02_reuseaddr/TestLingerZeroLeavesNoTimeWait",
			})
			if s.took < atOnce {
				break
			}
			g.Expect(attempt < attempts, s.tooLate())
		}
	}
}

// longPatience: patience is more than other units of time can count.
func longPatience(g *grading.Grader) {
	g.T().Helper()
	var all []*conversation
	for _, patience := range []time.Duration{30 * 24 * time.Hour, math.MaxInt64} {
		g.Step("a client takes a moment to read its answer, and hangs up; patience is %v", patience)
		all = append(all, begin(g, 50, patience, func(*net.TCPConn) {}))
	}
	for _, c := range all {
		if c.ReturnsWithin(50 * time.Millisecond) {
			c.Wait(0, grading.Finding{}) // it may have panicked
			g.Expect(false, grading.Finding{
				Sentence: "whole-patience",
				Mistake:  "a long patience is over at once: it is counted in a unit, or from a time, that has no room for it",
				Expected: "the client may take " + story.Duration(c.patience),
				Seen:     fmt.Sprintf("EndConversation returns after %s, with %v", story.Duration(c.took), c.err),
				Read:     "lab01_timeout/TestOneDeadlineBoundsWholeExchange",
			})
		}
		c.readAnswer()
		c.hangUp()
	}
}

// hearsNoEnd: the connection is given up, and the client has got no FIN. After a FIN a read finds the end of the stream,
// even when a reset has followed.
func (s stays) hearsNoEnd() {
	s.g.T().Helper()
	s.client.SetReadDeadline(time.Now().Add(grading.Patience))
	_, err := s.client.Read(make([]byte, 1))
	s.g.Expect(err != io.EOF, grading.Finding{
		Sentence: "client-first",
		Mistake:  "the server sends a FIN to a client that has not hung up",
		Expected: "when patience is over, the connection is given up by a reset, and nothing else comes before it",
		Seen:     "the client reads the end of the stream",
		Read:     "lab02_reuseaddr/TestLingerZeroLeavesNoTimeWait",
	})
}
