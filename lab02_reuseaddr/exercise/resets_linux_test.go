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

// resetting is a client that resets the connection at some time.
type resetting struct {
	when   string
	answer int
	first  func(g *grading.Grader, client *net.TCPConn)
	then   func(c *conversation)
}

var resettingClients = []resetting{
	{when: "before it is answered", answer: 50, first: func(g *grading.Grader, client *net.TCPConn) { resetBy(g, client) }},
	{when: "when it has read the answer", answer: 50, then: (*conversation).readAnswer},
	{when: "while the answer is sent", answer: moreThanBuffersHold, then: (*conversation).awaitStandstill},
	{when: "when it has ended its side and not read the answer", answer: 3 * clientsBuffer, first: endSide,
		then: (*conversation).awaitStandstill},
	{when: "when it has ended its side, while the answer is sent", answer: moreThanBuffersHold, first: endSide,
		then: (*conversation).awaitStandstill},
}

// clientResets: the conversation has no good end, and there is nothing to wait for.
func clientResets(g *grading.Grader) {
	g.T().Helper()
	before := g.Holdings()
	for _, client := range resettingClients {
		g.Step("the client resets the connection %s", client.when)
		for attempt := 1; client.noticedAfter(g) >= atOnce; attempt++ {
			g.Expect(attempt < attempts, grading.Finding{
				Sentence: "kernel-error",
				Mistake:  "it waits on for a while, when the connection has failed",
				Expected: "EndConversation returns at once",
				Seen:     "the quickest of several calls returns after " + story.Duration(atOnce) + " or more",
				Read:     "lab01_timeout/TestErrorsTellSlowFromDead",
			})
		}
	}
	g.ExpectNothingLeft(before, "EndConversation")
}

// noticedAfter is how long after the reset the call returns.
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
		Mistake:  "it waits on, when the connection has failed",
		Expected: "EndConversation returns at once",
		Read:     "lab01_timeout/TestErrorsTellSlowFromDead",
	}
	c.Wait(0, f)
	f.Mistake, f.Expected = "the error of the connection is lost", "the kernel's error, such as ECONNRESET"
	f.Seen = fmt.Sprint(c.err)
	c.g.Expect(isOfConnection(c.err), f)
	c.leavesNothing()
	return c.returned.Sub(begun)
}

func resetBy(g *grading.Grader, client *net.TCPConn) {
	g.T().Helper()
	require.NoError(g.T(), client.SetLinger(0))
	require.NoError(g.T(), client.Close())
}

// isOfConnection reports whether an error is one of those that a connection fails with when its peer resets it.
func isOfConnection(err error) bool {
	for _, errno := range []unix.Errno{unix.ECONNRESET, unix.EPIPE, unix.ENOTCONN} {
		if errors.Is(err, errno) {
			return true
		}
	}
	return false
}
