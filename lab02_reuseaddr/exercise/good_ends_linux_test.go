package exercise_test

import (
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"slices"
	"time"

	"github.com/stretchr/testify/require"

	"socketlabs/harness"
	"socketlabs/harness/grading"
	"socketlabs/harness/kernel"
	"socketlabs/harness/story"
)

// In these conversations, the client hangs up, and the conversation ends well.

func clientHangsUp(g *grading.Grader) {
	g.T().Helper()
	g.Step("the client has sent unwanted data; it reads the answer, waits a moment, sends more, and hangs up")
	c := begin(g, 50, time.Minute, func(client *net.TCPConn) { sendUnwanted(g, client, 10) })
	c.readAnswer()
	c.staysOpenFor(grading.Between(100*time.Millisecond, 200*time.Millisecond))
	sendUnwanted(g, c.client, 20<<20)
	sendUrgent(g, c.client) // not sooner: io.Copy to /dev/null uses splice(2), which stops at urgent data if much follows
	sendUnwanted(g, c.client, 10)
	c.staysOpenFor(0)
	c.hangUp()
}

// clientHangsUpAlone: this conversation comes first, and has ended when the next one begins.
func clientHangsUpAlone(g *grading.Grader) {
	g.T().Helper()
	g.Step("a client has sent unwanted data; it gets an empty line, and hangs up")
	c := begin(g, 0, time.Minute, func(client *net.TCPConn) { sendUnwanted(g, client, 10) })
	c.readAnswer()
	c.staysOpenFor(20 * time.Millisecond)
	c.hangUp()
}

// clientGetsLine is called first, when there is no other conversation, and later, beside others.
func clientGetsLine(g *grading.Grader, beside bool) *conversation {
	g.T().Helper()
	g.Step("a client gets an empty line")
	c := begin(g, 0, time.Minute, func(*net.TCPConn) {})
	c.beside = beside
	c.readAnswer()
	return c
}

// slowClientHangsUp: the answer is larger than the buffers, so the server has to wait until the client reads.
func slowClientHangsUp(g *grading.Grader) {
	g.T().Helper()
	g.Step("the answer has %d MiB; the client begins to read it late, and closes", moreThanBuffersHold>>20)
	c := beginCall(g, moreThanBuffersHold, last{Patience: time.Minute, Kept: true}, func(*net.TCPConn) {})
	c.awaitStandstill()
	var changed bool
	g.Prepare("looking at the answer", func() { changed = answerChanged.On(g, keptAnswer{c.kept, c.answer}) })
	g.Expect(!changed, answerIsChanged)
	// The other client's answer must not be mixed up with the first one's, although it has the same address: the server's differs.
	other := beginCall(g, moreThanBuffersHold, last{Patience: time.Minute, From: c.with}, func(*net.TCPConn) {})
	other.beside = true
	other.awaitStandstill()
	c.readAnswer()
	other.readAnswer()
	for _, both := range []*conversation{c, other} { // at about the same time: if the calls share a buffer, they have a race
		sendUnwanted(g, both.client, 10)
	}
	c.staysOpenFor(20 * time.Millisecond)
	require.NoError(g.T(), c.client.Close())
	c.endsWell()
	other.hangUp()
}

// clientSendsOneLine: both sides send a lot of data without a line feed.
func clientSendsOneLine(g *grading.Grader) {
	g.T().Helper()
	g.Step("the client reads an answer of one long line, sends one long line without a line feed, and hangs up")
	c := beginCall(g, 256<<10, last{Patience: time.Minute, OneLine: true}, func(*net.TCPConn) {})
	c.readAnswer()
	send(g, c.client, []byte(grading.Text(256<<10)))
	c.hangUp()
}

func clientSendsFINFirst(g *grading.Grader) {
	g.T().Helper()
	begun := time.Now()
	for attempt := 1; ; attempt++ {
		var latest time.Duration
		for _, size := range []int{3 * clientsBuffer, 3 * clientsBuffer, moreThanBuffersHold} {
			g.Step("the client sends its FIN at once; then it reads the answer of %d KiB", size>>10)
			c := begin(g, size, time.Minute, func(client *net.TCPConn) {
				sendUnwanted(g, client, 100)
				require.NoError(g.T(), client.CloseWrite())
			})
			c.awaitStandstill()
			latest = max(latest, c.readToEnd())
		}
		if latest < atOnce {
			return
		}
		g.Expect(attempt < attempts && time.Since(begun) < longestAttempts, late(latest))
	}
}

// clientsWithFIN begins conversations with clients that send their FIN first, and do not read yet.
func clientsWithFIN(g *grading.Grader) (all []*conversation) {
	g.T().Helper()
	g.Step("clients send their FIN at once, and read their answers later")
	for _, size := range []int{3 * clientsBuffer, 3 * clientsBuffer, moreThanBuffersHold} {
		all = append(all, begin(g, size, time.Minute, func(client *net.TCPConn) { sendFIN(g, client) }))
	}
	return all
}

// clientsReadLate: after a long wait for a client, the server notices the end as soon as after a short one.
func clientsReadLate(g *grading.Grader, all []*conversation) {
	g.T().Helper()
	for attempt := 1; ; attempt++ {
		var latest time.Duration
		for _, c := range all {
			g.Step("a client that has sent its FIN long ago reads its answer")
			latest = max(latest, c.readToEnd())
		}
		if latest < atOnce {
			return
		}
		g.Expect(attempt < attempts, late(latest))
		all = clientsWithFIN(g)
		harness.Passed(g.T().Context(), usualPatience)
	}
}

// readToEnd reads the answer and the end of the stream, and returns how much later the call has returned.
func (c *conversation) readToEnd() (late time.Duration) {
	c.g.T().Helper()
	c.readAnswer()
	c.endOfStream()
	over := time.Now()
	c.endsWell()
	return c.returned.Sub(over)
}

func late(by time.Duration) grading.Finding {
	return grading.Finding{
		Sentence: "no-error",
		Mistake:  "the conversation has ended well, and the call returns late",
		Expected: "EndConversation returns as soon as the client has acknowledged the answer and the FIN",
		Seen:     "it returns " + story.Duration(by) + " later",
		Read:     "lab02_reuseaddr/TestPortIsFreeWhenClientClosesFirst",
	}
}

// A busy machine can make some calls late. So one of several attempts must return within atOnce.
const (
	atOnce          = 100 * time.Millisecond
	attempts        = 5
	longestAttempts = 15 * time.Second // code that is very late each time is not called so often
)

// awaitStandstill waits until no more data of the answer arrives: the client does not read, so its receive buffer is full.
func (c *conversation) awaitStandstill() {
	c.g.T().Helper()
	const still = 60 * time.Millisecond
	begun := time.Now()
	kernel.AwaitTCPInfo(c.g.Experiment, harness.Client, c.client, func(i kernel.TCPInfo) bool {
		return i.DataSegmentsIn > 0 && i.LastReceived >= still || time.Since(begun) > grading.Patience || i.State == kernel.Closed
	})
}

// hangUp sends the client's FIN, and checks that the conversation ends well.
func (c *conversation) hangUp() {
	c.g.T().Helper()
	c.g.Outcome(harness.Client, "hangs up: %v", c.client.CloseWrite())
	c.endsWell()
	c.endOfStream()
}

// endOfStream: when the client has the answer and has hung up, the server sends its FIN, too, and nothing before it.
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

// entries returns the entries that the kernel's table has of the server's end.
func (c *conversation) entries() []kernel.Socket {
	c.g.T().Helper()
	return slices.DeleteFunc(socketsAt(c.g, c.at), func(s kernel.Socket) bool { return s.Remote != c.with })
}

var answerIsChanged = grading.Finding{
	Sentence: "whole-answer",
	Mistake:  "the caller's answer is changed: the server may send it to other clients, too, at the same time",
	Expected: "answer, and the array behind it, are the same as before the call",
	Seen:     "other bytes",
}

var answerIsWritten = grading.Finding{
	Sentence: "whole-answer",
	Mistake:  "the call writes to the caller's answer: a data race, if the server sends it to another client at the same time",
	Expected: "the call only reads answer, and the array behind it",
	Seen:     "it writes there, perhaps the same bytes as before",
}

// endsWell checks the end of a conversation in which the client has read the whole answer, and has hung up in time.
func (c *conversation) endsWell() {
	c.g.T().Helper()
	f := grading.Finding{
		Sentence: "it-returns",
		Mistake:  "the server does not notice that the client has hung up",
		Expected: "EndConversation returns as soon as the client has hung up",
		Read:     "lab02_reuseaddr/TestPortIsFreeWhenClientClosesFirst",
	}
	if c.beside { // alone, a client could hang up before
		f.Sentence, f.Mistake = "goroutines", "while conversations with other clients go on, "+f.Mistake+": a call waits for another one"
	}
	c.Wait(0, f)
	c.g.Expect(!c.Changed, answerIsChanged)
	c.g.Expect(!c.Written, answerIsWritten)
	c.leavesNothing()
	c.closesByConn()
	c.g.Expect(c.err == nil, grading.Finding{
		Sentence: "no-error",
		Mistake:  "the conversation has ended well, but the call returns an error",
		Expected: "no error: the client has the answer, and has hung up in time",
		Seen:     fmt.Sprint(c.err),
		Read:     "lab02_reuseaddr/TestPortIsFreeWhenClientClosesFirst",
	})
}
