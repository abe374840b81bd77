package exercise_test

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"os"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"socketlabs/harness"
	"socketlabs/harness/grading"
	"socketlabs/harness/kernel"
	"socketlabs/harness/peer"
	"socketlabs/harness/story"
	"socketlabs/lab02_reuseaddr/exercise"
)

// TestEndConversation: the client has its whole answer, and when the conversation is over nothing of it
// is left at the server's end.
//
// Points: 10
// Read: TestPortIsFreeWhenClientClosesFirst, TestLingerZeroLeavesNoTimeWait, TestLingerZeroLosesData, lab01_timeout/TestOneDeadlineBoundsWholeExchange
// Hint: TIME_WAIT falls on the side that closes first. To send a FIN is to close: CloseWrite does it too.
// Hint: The client knows that it is over, and hangs up by itself. How does the server notice, without closing anything?
// Hint: What the client says meanwhile has to be read, and thrown away: a close with unread data resets the connection.
// Hint: Patience is one moment for all that waits here, for the answer to be taken as for the client to go.
// Hint: When patience is over there is no good end any more. TestLingerZeroLeavesNoTimeWait shows a close that leaves nothing.
func TestEndConversation(t *testing.T) {
	g := grading.Start(t, kernel.SocketTable)
	e := &endings{t: t, g: g}
	e.clientHangsUp()
	e.slowClientHangsUp()
	e.clientStays()
	e.clientDoesNotRead()
}

// endings are conversations that the student's code ends.
type endings struct {
	t *testing.T
	g *grading.Grader
}

// ending is one of them.
type ending struct {
	*grading.Running
	client *net.TCPConn
	words  *bufio.Reader // what the client hears
	at     string        // the server's end
	with   string        // the client's
	over   chan struct{}
	took   time.Duration
	err    error
}

func (e *endings) begin(answer []byte, patience time.Duration, prepare func(client *net.TCPConn)) *ending {
	client, server := connect(e.t, e.g, peer.ListenNoKeepalive(e.g.Experiment))
	prepare(client)
	c := &ending{
		client: client, words: bufio.NewReader(client),
		at: server.LocalAddr().String(), with: client.LocalAddr().String(),
		over: make(chan struct{}),
	}
	begun := time.Now()
	c.Running = e.g.Go("EndConversation", func() {
		defer close(c.over)
		c.err = exercise.EndConversation(server, answer, patience)
		c.took = time.Since(begun)
		e.g.Outcome(harness.Server, "EndConversation: %v", c.err)
	})
	return c
}

func (e *endings) clientHangsUp() {
	answer := answerOf(50)
	for again := true; again; {
		e.g.Step("the client has said a word too much; it reads the answer, waits a moment, and hangs up")
		c := e.begin(answer, time.Minute, func(client *net.TCPConn) { e.sayUnwanted(client) })
		e.readAnswer(c, answer)
		e.staysOpenFor(c, grading.Between(150*time.Millisecond, 300*time.Millisecond))
		e.sayUnwanted(c.client)
		e.staysOpenFor(c, 0)
		again = !e.hangUp(c)
	}
}

// slowClientHangsUp: the answer is more than the kernels take at once.
func (e *endings) slowClientHangsUp() {
	answer := answerOf(moreThanBuffersHold)
	for again := true; again; {
		e.g.Step("the same, with an answer of %d MiB, which the client takes its time to read", len(answer)>>20)
		c := e.begin(answer, time.Minute, func(client *net.TCPConn) {})
		kernel.AwaitTCPInfo(e.g.Experiment, harness.Client, c.client, func(i kernel.TCPInfo) bool {
			return i.State != kernel.Established || i.DataSegmentsIn > 0 && i.LastReceived >= 100*time.Millisecond
		})
		e.readAnswer(c, answer)
		again = !e.hangUp(c)
	}
}

func (e *endings) sayUnwanted(client *net.TCPConn) {
	io.WriteString(client, grading.Text(10)) // fails if the server has reset the connection, as is judged later
	kernel.AwaitTCPInfo(e.g.Experiment, harness.Client, client, func(i kernel.TCPInfo) bool { return i.Unacked == 0 })
}

func (e *endings) readAnswer(c *ending, answer []byte) {
	e.t.Helper()
	require.NoError(e.t, c.client.SetReadDeadline(time.Now().Add(grading.Patience)))
	var got []byte
	var err error
	heard := make(chan struct{})
	go func() {
		defer close(heard)
		got, err = c.words.ReadBytes('\n')
	}()
	select {
	case <-heard:
	case <-c.over:
		c.Wait(0, grading.Finding{}) // it may have panicked
	}
	<-heard
	require.NoError(e.t, c.client.SetReadDeadline(time.Time{}))
	e.g.Outcome(harness.Client, "has read %d bytes, %v", len(got), err)
	e.g.Expect(bytes.Equal(got, answer), grading.Finding{
		Mistake:  "the client does not get the whole answer",
		Expected: story.Count(len(answer), "byte"),
		Seen:     fmt.Sprintf("%s, and %v", story.Count(len(got), "byte"), err),
		Read:     "lab02_reuseaddr/TestLingerZeroLosesData",
	})
}

// staysOpenFor: while the client has not hung up, the server has not either.
func (e *endings) staysOpenFor(c *ending, pause time.Duration) {
	info := kernel.AwaitTCPInfo(e.g.Experiment, harness.Client, c.client, func(i kernel.TCPInfo) bool {
		return i.State != kernel.Established || i.LastReceived >= pause
	})
	e.g.Expect(info.State != kernel.Closed, grading.Finding{
		Mistake:  "the connection is reset: a client that had not read so far would have lost the answer",
		Expected: "a connection that is open until the client hangs up",
		Seen:     fmt.Sprintf("the client's end is in %s", info.State),
		Read:     "lab02_reuseaddr/TestLingerZeroLosesData",
	})
	e.g.Expect(info.State == kernel.Established, grading.Finding{
		Mistake:  "the server is the first to send a FIN, so TIME_WAIT falls on it",
		Expected: "a connection that is open until the client hangs up",
		Seen:     fmt.Sprintf("the client's end is in %s, the server's: %s", info.State, tableAt(e.t, netip.MustParseAddrPort(c.at))),
		Read:     "lab02_reuseaddr/TestPortIsFreeWhenClientClosesFirst",
	})
}

// hangUp ends the conversation from the client's side, and judges what is left of it. It returns false if
// TIME_WAIT stands nowhere, because a late segment has ended it.
func (e *endings) hangUp(c *ending) (judged bool) {
	e.t.Helper()
	e.g.Outcome(harness.Client, "hangs up: %v", c.client.CloseWrite())
	c.Wait(0, grading.Finding{
		Mistake:  "the server does not notice that the client has hung up",
		Expected: "EndConversation returns as soon as it has",
		Read:     "lab02_reuseaddr/TestPortIsFreeWhenClientClosesFirst",
	})
	e.nothingAtServer(c)
	require.NoError(e.t, c.client.SetReadDeadline(time.Now().Add(grading.Patience)))
	rest, err := io.ReadAll(c.words)
	e.g.Expect(err == nil && len(rest) == 0, grading.Finding{
		Mistake:  "the connection is reset: the server closes it with words of the client's unread",
		Expected: "the client reads the end of the stream",
		Seen:     fmt.Sprintf("%s, %v", story.Count(len(rest), "byte"), err),
		Read:     "lab02_reuseaddr/TestLingerZeroLosesData",
	})
	e.g.Expect(c.err == nil, grading.Finding{
		Mistake:  "a good end is taken for a failure",
		Expected: "no error: the client has the answer, and has hung up in time",
		Seen:     fmt.Sprint(c.err),
		Read:     "lab02_reuseaddr/TestPortIsFreeWhenClientClosesFirst",
	})
	require.NoError(e.t, c.client.Close())
	return kernel.InTimeWait(e.g.Experiment, c.with, c.at)
}

// nothingAtServer waits until the server's end is gone.
func (e *endings) nothingAtServer(c *ending) {
	e.t.Helper()
	var left []kernel.Socket
	eventually(func() bool {
		left = slices.DeleteFunc(socketsAt(e.t, netip.MustParseAddrPort(c.at)), func(s kernel.Socket) bool {
			return s.Remote.String() != c.with
		})
		return len(left) == 0 || left[0].State == kernel.TimeWait
	})
	if len(left) == 0 {
		return
	}
	f := grading.Finding{
		Mistake:  "the connection is not closed",
		Expected: "nothing is left at the server's end",
		Seen:     inWords(left),
		Read:     "lab02_reuseaddr/TestPortIsFreeWhenClientClosesFirst",
	}
	switch left[0].State {
	case kernel.TimeWait:
		f.Mistake = "TIME_WAIT falls on the server"
	case kernel.FinWait1, kernel.FinWait2:
		f.Mistake = "the server closes first, and its kernel has to wait for the client"
		f.Read = "lab02_reuseaddr/TestLingerZeroLeavesNoTimeWait"
	}
	e.g.Expect(false, f)
}

func (e *endings) clientStays() {
	patience := grading.Between(300*time.Millisecond, 600*time.Millisecond)
	e.g.Step("a client has its answer, goes on talking, and does not hang up; patience is %v", patience)
	c := e.begin(answerOf(50), patience, func(client *net.TCPConn) {
		peer.Drip(e.g.Experiment, client, grading.Text(1000), patience/10)
	})
	e.runsOut(c, patience)
}

func (e *endings) clientDoesNotRead() {
	patience := grading.Between(300*time.Millisecond, 600*time.Millisecond)
	e.g.Step("a client does not read its answer, of %d MiB; patience is %v", moreThanBuffersHold>>20, patience)
	c := e.begin(answerOf(moreThanBuffersHold), patience, func(*net.TCPConn) {})
	e.runsOut(c, patience)
}

// runsOut judges a conversation that the client does not end.
func (e *endings) runsOut(c *ending, patience time.Duration) {
	e.t.Helper()
	c.Wait(patience, grading.Finding{
		Mistake:  "a client can hold the server for ever",
		Expected: fmt.Sprintf("EndConversation returns after %s, whatever the client does", story.Duration(patience)),
		Read:     "lab01_timeout/TestOneDeadlineBoundsWholeExchange",
	})
	e.g.Expect(c.took >= patience, grading.Finding{
		Mistake:  "the client is given up before patience is over",
		Expected: "a client may take " + story.Duration(patience),
		Seen:     fmt.Sprintf("EndConversation returns after %s, with %v", story.Duration(c.took), c.err),
		Read:     "lab01_timeout/TestOneDeadlineBoundsWholeExchange",
	})
	e.g.Expect(errors.Is(c.err, os.ErrDeadlineExceeded), grading.Finding{
		Mistake:  "nobody is told that patience ran out",
		Expected: "an error by which errors.Is finds os.ErrDeadlineExceeded",
		Seen:     fmt.Sprint(c.err),
		Read:     "lab01_timeout/TestErrorsTellSlowFromDead",
	})
	e.nothingAtServer(c)
}
