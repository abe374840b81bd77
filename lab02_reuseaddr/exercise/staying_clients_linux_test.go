package exercise_test

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"time"

	"socketlabs/harness"
	"socketlabs/harness/grading"
	"socketlabs/harness/link"
	"socketlabs/harness/peer"
	"socketlabs/harness/story"
)

// staying is a client whose conversation does not end well within patience: it does not hang up, does not read, or vanishes.
type staying struct {
	does       string
	answer     int                                          // its size in bytes
	first      func(g *grading.Grader, client *net.TCPConn) // what the client does before the call of EndConversation; may be nil
	then       func(c *conversation)                        // what it does during the call; may be nil
	mayBeNil   bool                                         // only the last acknowledgment is missing, so the error may be nil
	expectsRST bool                                         // the test checks that the server sends no FIN
	mapped     bool                                         // conn is an IPv6 socket, and the client has an IPv4 address
	atLeast    time.Duration                                // patience is a little longer; 0: usualPatience
}

const usualPatience = 600 * time.Millisecond

// stays is a staying client with its conversation.
type stays struct {
	staying
	*conversation
}

var stayingClients = []staying{
	{does: "has read its answer and goes on sending", answer: 50, then: func(c *conversation) {
		peer.Drip(c.g.Experiment, c.client, grading.Text(1000), c.patience/10)
	}},
	{does: "has read its answer and does nothing", answer: 50, then: (*conversation).readAnswer, expectsRST: true,
		atLeast: 1100 * time.Millisecond}, // so it is more than a second
	{does: "does not read its answer", answer: moreThanBuffersHold},
	// At this speed, the whole answer takes 16 times patience.
	{does: "reads its answer little by little", answer: 4 * moreThanBuffersHold, then: func(c *conversation) {
		peer.Sip(c.g.Experiment, c.client, 4*clientsBuffer, c.patience/8)
	}},
	{does: "begins to read its answer when patience is nearly over", answer: moreThanBuffersHold, then: func(c *conversation) {
		c.g.Go("the client", func() {
			time.Sleep(c.patience * 3 / 4)
			io.CopyN(io.Discard, c.client, int64(c.answer.Size))
		})
	}},
	{does: "sends its FIN and does not read its answer", answer: 3 * clientsBuffer, first: sendFIN},
	{does: "sends its FIN and does not read its long answer", answer: moreThanBuffersHold, first: sendFIN},
	{does: "has vanished", answer: 50, first: vanish},
	// A vanished client hears nothing, but still sends. So vanish comes first: the client must not acknowledge the server's FIN.
	{does: "has sent its FIN and vanished", answer: 50, first: func(g *grading.Grader, client *net.TCPConn) {
		vanish(g, client)
		sendFIN(g, client)
	}},
	{does: "has read its answer, sends its FIN, and vanishes", answer: 50, then: readThenVanish, mayBeNil: true, mapped: true},
	{does: "has read its answer, sends its FIN when patience is nearly over, and vanishes", answer: 50, then: func(c *conversation) {
		c.readAnswer()
		vanish(c.g, c.client)
		c.g.Go("the client", func() {
			time.Sleep(c.patience * 3 / 4)
			c.client.CloseWrite()
		})
	}, mayBeNil: true},
}

// With these clients, patience is longer than the limits that code may have for a part of the conversation: a second or two.
var longStayingClients = []staying{
	{does: "does not read its answer for a long time", answer: moreThanBuffersHold, atLeast: longStay},
	{does: "has read its answer and does nothing for a long time", answer: 50, then: (*conversation).readAnswer, atLeast: longStay},
	{does: "sends its FIN and does not read its long answer for a long time", answer: moreThanBuffersHold, first: sendFIN, atLeast: longStay},
	{does: "has vanished before it gets its answer, for a long time", answer: 50, first: vanish, atLeast: longStay},
	{does: "has read its answer and is gone for a long time", answer: 50, then: func(c *conversation) { // keepalive would find that
		c.readAnswer()
		vanish(c.g, c.client)
	}, atLeast: longStay},
	{does: "has read its answer, sends its FIN, and is gone for a long time", answer: 50, then: readThenVanish, mayBeNil: true,
		atLeast: longStay},
}

const longStay = 2200 * time.Millisecond

func readThenVanish(c *conversation) {
	c.readAnswer()
	vanish(c.g, c.client)
	sendFIN(c.g, c.client)
}

// sendFIN ignores the error of CloseWrite: if the server has reset the connection, a later check finds it.
func sendFIN(_ *grading.Grader, client *net.TCPConn) { client.CloseWrite() }

func vanish(g *grading.Grader, client *net.TCPConn) { link.Vanish(g.Experiment, client) }

// clientsThatStay begins a conversation with each of the clients, and waits for none of them. In each, patience is so many times
// as long as in the first attempt.
func clientsThatStay(g *grading.Grader, clients []staying, times time.Duration) (all []stays) {
	g.T().Helper()
	for _, client := range clients {
		least := cmp.Or(client.atLeast, usualPatience)
		patience := times * grading.Between(least, least+least/4)
		g.Step("a client %s; patience is %v", client.does, patience)
		c := beginCall(g, client.answer, last{Patience: patience, Mapped: client.mapped}, func(conn *net.TCPConn) {
			if client.first != nil {
				client.first(g, conn)
			}
		})
		c.beside = len(all) > 0
		if client.then != nil {
			client.then(c)
		}
		all = append(all, stays{client, c})
	}
	return all
}

// judgeStaying waits for the conversations, and judges them. A busy machine can make one of them late. So a conversation that is
// late is repeated, each time with twice the patience. Wrong code is late each time.
func judgeStaying(g *grading.Grader, conversations []stays) {
	g.T().Helper()
	const last = 8 // the attempts, with 1, 2 and 4 times the patience, end well before "labs grade" stops the exercise
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

// runsOut judges a conversation in which patience runs out.
func (s stays) runsOut() {
	s.g.T().Helper()
	s.g.Step("patience is over; a client %s", s.does)
	stuck := s.tooLate()
	stuck.Mistake, stuck.Seen = "a client can hold the server for ever", ""
	s.Wait(s.patience, stuck)
	s.g.Outcome(harness.Server, "EndConversation: %v", s.err)
	s.leavesNothing()
	s.closesByConn()
	s.g.Expect(s.Lasted >= s.patience, grading.Finding{
		Sentence: "whole-patience",
		Mistake:  "the client is given up before patience is over",
		Expected: fmt.Sprintf("where the client %s, EndConversation gives it %s", s.does, story.Duration(s.patience)),
		Seen:     fmt.Sprintf("EndConversation returns %s earlier, with %v", story.Digits(s.patience-s.Lasted, 3), s.err),
		Read:     "lab01_timeout/TestOneDeadlineBoundsWholeExchange",
	})
	s.g.Expect(errors.Is(s.err, os.ErrDeadlineExceeded) || s.mayBeNil && s.err == nil, grading.Finding{
		Sentence: "deadline-error",
		Mistake:  "the caller is not told that patience ran out",
		Expected: fmt.Sprintf("where the client %s, an error in which errors.Is finds os.ErrDeadlineExceeded", s.does),
		Seen:     fmt.Sprint(s.err),
		Read:     "lab01_timeout/TestErrorsTellSlowFromDead",
	})
	if s.expectsRST {
		s.getsNoFIN()
	}
	s.client.SetLinger(0)
	s.client.Close()
}

// getsNoFIN checks that the client gets a reset, and no FIN before it. If there was a FIN, the client's read returns the end of
// the stream, even if a reset has followed.
func (s stays) getsNoFIN() {
	s.g.T().Helper()
	s.client.SetReadDeadline(time.Now().Add(grading.Patience))
	_, err := s.client.Read(make([]byte, 1))
	s.g.Expect(err != io.EOF, grading.Finding{
		Sentence: "client-first",
		Mistake:  "the server sends a FIN to a client that has not hung up",
		Expected: "when patience is over, the server sends a reset, and no FIN before it",
		Seen:     "the client reads the end of the stream",
		Read:     "lab02_reuseaddr/TestLingerZeroLeavesNoTimeWait",
	})
}
