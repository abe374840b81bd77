package exercise_test

import (
	"bytes"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"socketlabs/harness"
	"socketlabs/harness/grading"
	"socketlabs/harness/kernel"
	"socketlabs/harness/link"
	"socketlabs/harness/peer"
	"socketlabs/harness/story"
)

// TestEndConversation: the client gets its whole answer, and afterwards nothing of the connection is left at
// the server's end.
//
// Points: 10
// Read: TestPortIsFreeWhenClientClosesFirst, TestLingerZeroLeavesNoTimeWait, TestLingerZeroLosesData, lab01_timeout/TestOneDeadlineBoundsWholeExchange
// Hint: The side that sends its FIN first goes into TIME_WAIT. CloseWrite sends a FIN, as Close does.
// Hint: The client knows that the conversation is over, and closes on its own. How does the server notice, without closing anything?
// Hint: What the client sends meanwhile has to be read, and discarded: a close with unread data resets the connection.
// Hint: The end of patience is one moment, for three waits: for the answer to be sent, for the client's FIN, and for the
// acknowledgment of the server's FIN. The State in TCP_INFO says when the last of them is over.
// Hint: When patience is over, only a reset helps. TestLingerZeroLeavesNoTimeWait shows a close that leaves nothing.
func TestEndConversation(t *testing.T) {
	g := grading.Start(t, kernel.SocketTable, link.VanishingPeers)
	waiting := clientsThatStay(g, stayingClients, 1)
	clientHangsUp(g)
	slowClientHangsUp(g)
	clientEndsItsSideFirst(g)
	clientSaysOneLine(g)
	judgeStaying(g, waiting)
	briefPatience(g)
	longPatience(g)
	clientResets(g)
	descriptorIsGivenBack(g)
}

// conversation is one that the student's code ends.
type conversation struct {
	*grading.Running
	g        *grading.Grader
	answer   grading.Data
	client   *net.TCPConn
	at, with netip.AddrPort // the server's end, and the client's
	patience time.Duration
	took     time.Duration
	err      error
	returned time.Time
	ended
}

// Both kernels together buffer a few MiB at most: tcp_wmem in tcp(7), and what the client's end may hold.
const (
	moreThanBuffersHold = 8 << 20
	clientsBuffer       = 64 << 10
)

// begin connects a client, which does something first, and lets the student's code end the conversation.
func begin(g *grading.Grader, answer int, patience time.Duration, first func(client *net.TCPConn)) *conversation {
	g.T().Helper()
	listener := peer.ListenAtNoKeepalive(g.Experiment, netip.AddrPortFrom(grading.AnyHost(), 0).String())
	end := g.Dial(listener.Addr().String())
	client, err := listener.AcceptTCP()
	require.NoError(g.T(), err)
	g.Own(client)
	require.NoError(g.T(), listener.Close())
	require.NoError(g.T(), client.SetReadBuffer(clientsBuffer))
	c := &conversation{
		g: g, answer: grading.NewData(answer), client: client, patience: patience,
		at: addressOf(client.RemoteAddr()), with: addressOf(client.LocalAddr()),
	}
	var answerMade grading.Handle[[]byte]
	g.Prepare("making an answer", func() { answerMade = makeAnswer.On(g, c.answer) })
	first(client)
	begun := time.Now()
	c.Running = g.Go("EndConversation", func() {
		c.ended = endConversation.On(g, last{end, answerMade, patience})
		c.returned = time.Now()
		c.took, c.err = c.returned.Sub(begun), c.Err.Err()
	})
	return c
}

// sayUnwanted is what nobody asked the client for.
func sayUnwanted(g *grading.Grader, client *net.TCPConn, n int) { say(g, client, grading.Bytes(n)) }

func say(g *grading.Grader, client *net.TCPConn, what []byte) {
	client.SetWriteDeadline(time.Now().Add(grading.Patience))
	client.Write(what) // fails if the server has reset the connection, as is judged later
	begun := time.Now()
	kernel.AwaitTCPInfo(g.Experiment, harness.Client, client, func(i kernel.TCPInfo) bool {
		return i.Unacked == 0 || time.Since(begun) > grading.Patience
	})
}

// readAnswer reads the whole answer as the client, and no more.
func (c *conversation) readAnswer() {
	c.g.T().Helper()
	want := answerOf(c.answer)
	c.awaitFirst()
	got := make([]byte, len(want))
	var n int
	var err error
	for n < len(want) && err == nil {
		require.NoError(c.g.T(), c.client.SetReadDeadline(time.Now().Add(grading.Patience)))
		var more int
		more, err = c.client.Read(got[n:])
		n += more
	}
	c.g.Outcome(harness.Client, "has read %d bytes, %v", n, err)
	f := grading.Finding{
		Sentence: "whole-answer",
		Mistake:  "the client does not get the whole answer",
		Expected: story.Count(len(want), "byte"),
		Seen:     fmt.Sprintf("%s, and %v", story.Count(n, "byte"), err),
		Read:     "lab02_reuseaddr/TestLingerZeroLosesData",
	}
	if err != nil && c.ReturnsWithin(0) {
		c.Wait(0, f) // it may have panicked
		f.Seen += fmt.Sprintf("; EndConversation has returned %v", c.err)
	}
	c.g.Expect(err == nil && bytes.Equal(got, want), f)
}

// awaitFirst waits until something of the answer has come, or the call has returned: it may have panicked.
func (c *conversation) awaitFirst() {
	c.g.T().Helper()
	begun, returned := time.Now(), false
	kernel.AwaitTCPInfo(c.g.Experiment, harness.Client, c.client, func(i kernel.TCPInfo) bool {
		returned = c.ReturnsWithin(0)
		return returned || i.DataSegmentsIn > 0 || i.State == kernel.Closed || time.Since(begun) > grading.Patience
	})
	if returned {
		c.Wait(0, grading.Finding{})
	}
}

// staysOpenFor: while the client has not hung up, the server has not either.
func (c *conversation) staysOpenFor(pause time.Duration) {
	c.g.T().Helper()
	begun := time.Now()
	info := kernel.AwaitTCPInfo(c.g.Experiment, harness.Client, c.client, func(i kernel.TCPInfo) bool {
		return i.State != kernel.Established || i.LastReceived >= pause || time.Since(begun) > grading.Patience
	})
	seen := fmt.Sprintf("the client's end is in %s, the server's: %s", info.State, inWords(c.entries()))
	c.g.Expect(info.State != kernel.Closed, grading.Finding{
		Sentence: "no-reset",
		Mistake:  "the connection is reset: a client that had not read so far would have lost the answer",
		Expected: "a connection that is open until the client hangs up",
		Seen:     seen,
		Read:     "lab02_reuseaddr/TestLingerZeroLosesData",
	})
	c.g.Expect(info.State == kernel.Established, grading.Finding{
		Sentence: "client-first",
		Mistake:  "the server is the first to send a FIN, so its end goes into TIME_WAIT",
		Expected: "a connection that is open until the client hangs up",
		Seen:     seen,
		Read:     "lab02_reuseaddr/TestPortIsFreeWhenClientClosesFirst",
	})
}

// entries are those of the kernel's table at the server's end.
func (c *conversation) entries() []kernel.Socket {
	c.g.T().Helper()
	return slices.DeleteFunc(socketsAt(c.g, c.at), func(s kernel.Socket) bool { return s.Remote != c.with })
}

// leavesNothing waits until the server's end is gone.
func (c *conversation) leavesNothing() {
	c.g.T().Helper()
	var left []kernel.Socket
	eventually(func() bool {
		left = c.entries()
		return len(left) == 0 || left[0].State == kernel.TimeWait
	})
	if len(left) == 0 {
		return
	}
	f := grading.Finding{
		Sentence: "no-trace",
		Mistake:  "the connection is not closed",
		Expected: "nothing is left at the server's end",
		Seen:     inWords(left),
		Read:     "lab02_reuseaddr/TestPortIsFreeWhenClientClosesFirst",
	}
	switch left[0].State {
	case kernel.TimeWait:
		f.Mistake = "the server's end goes into TIME_WAIT"
	case kernel.FinWait1, kernel.FinWait2:
		f.Mistake = "the server closes first, and its kernel has to wait for the client"
		f.Read = "lab02_reuseaddr/TestLingerZeroLeavesNoTimeWait"
	case kernel.LastAck:
		f.Mistake = "the kernel still waits until the client acknowledges what was sent, or the FIN"
		f.Read = "lab02_reuseaddr/TestLingerZeroLeavesNoTimeWait"
	}
	c.g.Expect(false, f)
}
