package exercise_test

import (
	"errors"
	"fmt"
	"net"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"socketlabs/harness/grading"
	"socketlabs/harness/story"
)

// resetting is a client that resets the connection.
type resetting struct {
	when   string
	answer int                                          // its size in bytes
	first  func(g *grading.Grader, client *net.TCPConn) // what the client does before the call of EndConversation; may be nil
	then   func(c *conversation)                        // what it does during the call, before the reset; nil if first resets
	pipe   bool                                         // the kernel's error is EPIPE: the reset comes after the client's FIN
}

var resettingClients = []resetting{
	{when: "before the answer is sent", answer: 50, first: func(g *grading.Grader, client *net.TCPConn) { resetBy(g, client) }},
	{when: "after it has read the answer", answer: 50, then: (*conversation).readAnswer},
	{when: "while the answer is sent", answer: moreThanBuffersHold, then: (*conversation).awaitStandstill},
	{when: "after it has sent its FIN, without reading the answer", answer: 3 * clientsBuffer, first: sendFIN,
		then: (*conversation).awaitStandstill},
	{when: "after it has sent its FIN, while the answer is sent", answer: moreThanBuffersHold, first: sendFIN,
		then: (*conversation).awaitStandstill, pipe: true},
}

// clientResets: a conversation that the client resets can't end well, so EndConversation has nothing to wait for.
func clientResets(g *grading.Grader) {
	g.T().Helper()
	before := g.Holdings()
	for _, client := range resettingClients {
		g.Step("the client resets the connection %s", client.when)
		for attempt := 1; client.noticedAfter(g) >= atOnce; attempt++ {
			g.Expect(attempt < attempts, grading.Finding{
				Sentence: "kernel-error",
				Mistake:  "it goes on waiting for a while after the connection has failed",
				Expected: "EndConversation returns at once",
				Seen:     "the quickest of several calls returns after " + story.Duration(atOnce) + " or more",
				Read:     "lab01_timeout/TestErrorsTellSlowFromDead",
			})
		}
	}
	g.ExpectNothingLeft(before, "EndConversation")
}

// noticedAfter holds a conversation that the client resets, and returns how long after the reset EndConversation returns.
func (r resetting) noticedAfter(g *grading.Grader) time.Duration {
	g.T().Helper()
	c := begin(g, r.answer, time.Minute, func(client *net.TCPConn) {
		if r.first != nil {
			r.first(g, client)
		}
	})
	if r.then != nil {
		r.then(c)
		resetBy(g, c.client)
	}
	begun := time.Now()
	f := grading.Finding{
		Sentence: "kernel-error",
		Mistake:  "it goes on waiting after the connection has failed",
		Expected: "EndConversation returns at once",
		Read:     "lab01_timeout/TestErrorsTellSlowFromDead",
	}
	c.Wait(0, f)
	f.Mistake, f.Expected = "the error of the connection is lost", "the kernel's error, such as ECONNRESET"
	f.Seen = fmt.Sprint(c.err)
	if errors.Is(c.err, unix.EBADF) {
		f.Sentence, f.Mistake = "goroutines", closedTwice
		f.Expected = "conn's descriptor is open until EndConversation closes it"
	}
	c.g.Expect(isOfConnection(c.err), f)
	f.Mistake, f.Expected = "the error is not the kernel's", "EPIPE: tcp_reset() in the kernel's net/ipv4/tcp_input.c"
	c.g.Expect(!r.pipe || errors.Is(c.err, unix.EPIPE) || errors.Is(c.err, unix.ENOTCONN), f)
	c.leavesNothing()
	c.closesByConn()
	return c.returned.Sub(begun)
}

func resetBy(g *grading.Grader, client *net.TCPConn) {
	g.T().Helper()
	require.NoError(g.T(), client.SetLinger(0))
	require.NoError(g.T(), client.Close())
}

// isOfConnection reports whether the error is one with which a call can fail after the peer has reset the connection.
func isOfConnection(err error) bool {
	for _, errno := range []unix.Errno{unix.ECONNRESET, unix.EPIPE, unix.ENOTCONN} {
		if errors.Is(err, errno) {
			return true
		}
	}
	return false
}
