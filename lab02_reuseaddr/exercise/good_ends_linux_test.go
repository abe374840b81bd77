package exercise_test

import (
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"time"

	"github.com/stretchr/testify/require"

	"socketlabs/harness"
	"socketlabs/harness/grading"
	"socketlabs/harness/kernel"
	"socketlabs/harness/story"
)

// The conversations that the client ends.

func clientHangsUp(g *grading.Grader) {
	g.T().Helper()
	g.Step("the client has said something more; it reads the answer, waits a moment, talks on, and hangs up")
	c := begin(g, 50, time.Minute, func(client *net.TCPConn) { sayUnwanted(g, client, 10) })
	c.readAnswer()
	c.staysOpenFor(grading.Between(100*time.Millisecond, 200*time.Millisecond))
	sayUnwanted(g, c.client, 20<<20)
	c.staysOpenFor(0)
	c.hangUp()

	g.Step("the client gets an empty line, and hangs up at once")
	c = begin(g, 0, time.Minute, func(*net.TCPConn) {})
	c.readAnswer()
	c.hangUp()
}

// slowClientHangsUp: the answer is more than the kernels take at once.
func slowClientHangsUp(g *grading.Grader) {
	g.T().Helper()
	g.Step("the answer has %d MiB; the client takes its time to read it, and closes", moreThanBuffersHold>>20)
	c := begin(g, moreThanBuffersHold, time.Minute, func(*net.TCPConn) {})
	c.awaitStandstill()
	other := begin(g, moreThanBuffersHold, time.Minute, func(*net.TCPConn) {}) // its answer is not the first one's
	other.awaitStandstill()
	c.readAnswer()
	sayUnwanted(g, c.client, 10)
	c.staysOpenFor(0)
	require.NoError(g.T(), c.client.Close())
	c.endsWell()
	other.readAnswer()
	other.hangUp()
}

// clientSaysOneLine: what the client says has no line feed.
func clientSaysOneLine(g *grading.Grader) {
	g.T().Helper()
	g.Step("the client reads the answer, says one long line without an end, and hangs up")
	c := begin(g, 50, time.Minute, func(*net.TCPConn) {})
	c.readAnswer()
	say(g, c.client, []byte(grading.Text(256<<10)))
	c.hangUp()
}

func clientEndsItsSideFirst(g *grading.Grader) {
	g.T().Helper()
	for attempt := 1; ; attempt++ {
		var latest time.Duration
		for _, size := range []int{3 * clientsBuffer, 3 * clientsBuffer, moreThanBuffersHold} {
			g.Step("the client ends its own side at once; then it reads the answer, of %d KiB", size>>10)
			c := begin(g, size, time.Minute, func(client *net.TCPConn) {
				sayUnwanted(g, client, 100)
				require.NoError(g.T(), client.CloseWrite())
			})
			c.awaitStandstill()
			c.readAnswer()
			c.endOfStream()
			over := time.Now()
			c.endsWell()
			latest = max(latest, c.returned.Sub(over))
		}
		if latest < atOnce {
			return
		}
		g.Expect(attempt < attempts, grading.Finding{
			Sentence: "no-error",
			Mistake:  "the conversation has ended well, and the call returns late",
			Expected: "EndConversation returns as soon as the client has acknowledged all",
			Seen:     "it returns " + story.Duration(latest) + " later",
			Read:     "lab02_reuseaddr/TestPortIsFreeWhenClientClosesFirst",
		})
	}
}

// A call returns at once if it does so in one of several attempts: a busy machine can make some of them late.
const (
	atOnce   = 100 * time.Millisecond
	attempts = 5
)

// awaitStandstill waits until the answer does not go on: the client does not read.
func (c *conversation) awaitStandstill() {
	c.g.T().Helper()
	const still = 60 * time.Millisecond
	begun := time.Now()
	kernel.AwaitTCPInfo(c.g.Experiment, harness.Client, c.client, func(i kernel.TCPInfo) bool {
		return i.DataSegmentsIn > 0 && i.LastReceived >= still || time.Since(begun) > grading.Patience || i.State == kernel.Closed
	})
}

// hangUp ends the conversation from the client's side, and judges what is left of it.
func (c *conversation) hangUp() {
	c.g.T().Helper()
	c.g.Outcome(harness.Client, "hangs up: %v", c.client.CloseWrite())
	c.endsWell()
	c.endOfStream()
}

// endOfStream: when the client has hung up and has the answer, the server ends its side, too.
func (c *conversation) endOfStream() {
	c.g.T().Helper()
	require.NoError(c.g.T(), c.client.SetReadDeadline(time.Now().Add(grading.Patience)))
	rest, err := io.ReadAll(c.client)
	f := grading.Finding{
		Sentence: "no-reset",
		Mistake:  "the connection is reset, and not closed",
		Expected: "the client reads the end of the stream",
		Seen:     fmt.Sprintf("%s more, %v", story.Count(len(rest), "byte"), err),
		Read:     "lab02_reuseaddr/TestLingerZeroLosesData",
	}
	if errors.Is(err, os.ErrDeadlineExceeded) {
		f.Sentence, f.Mistake = "it-returns", "the server does not notice that the client has hung up"
	}
	if len(rest) > 0 {
		f.Sentence, f.Mistake = "whole-answer", "the client gets more than the answer"
	}
	c.g.Expect(err == nil && len(rest) == 0, f)
}

// endsWell: the client has read all, and has hung up in time.
func (c *conversation) endsWell() {
	c.g.T().Helper()
	c.Wait(0, grading.Finding{
		Sentence: "it-returns",
		Mistake:  "the server does not notice that the client has hung up",
		Expected: "EndConversation returns as soon as it has",
		Read:     "lab02_reuseaddr/TestPortIsFreeWhenClientClosesFirst",
	})
	c.leavesNothing()
	c.g.Expect(c.err == nil, grading.Finding{
		Sentence: "no-error",
		Mistake:  "a good end is taken for a failure",
		Expected: "no error: the client has the answer, and has hung up in time",
		Seen:     fmt.Sprint(c.err),
		Read:     "lab02_reuseaddr/TestPortIsFreeWhenClientClosesFirst",
	})
}

// descriptorIsGivenBack: nothing else is open now.
func descriptorIsGivenBack(g *grading.Grader) {
	g.T().Helper()
	before := g.Holdings()
	g.Step("a last client reads its answer, and hangs up; then the descriptor is closed")
	c := begin(g, 1000, time.Minute, func(*net.TCPConn) {})
	c.readAnswer()
	c.hangUp()
	g.ExpectNothingLeft(before, "EndConversation")
}
