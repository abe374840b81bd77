package exercise_test

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"net/netip"
	"os"
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
// Hint: The server has to read and discard what the client sends meanwhile: a close with unread data resets the connection.
// Hint: There are three waits, and patience ends at the same moment for all of them: the server waits until the answer is
// sent, then for the client's FIN, and then for the acknowledgment of its own FIN. The State in TCP_INFO says when the third wait is over.
// Hint: When patience is over, only a reset helps. TestLingerZeroLeavesNoTimeWait shows a close that leaves nothing.
func TestEndConversation(t *testing.T) {
	g := grading.Start(t, kernel.SocketTable, link.VanishingPeers)
	clientHangsUpAlone(g)
	line := clientGetsLine(g, false)
	longWaiting, late := clientsThatStay(g, longStayingClients, 1), clientsWithFIN(g)
	waiting := clientsThatStay(g, stayingClients, 1)
	clientGetsLine(g, true).hangUp()
	clientHangsUp(g)
	line.hangUp()
	stray := strangersTakeOver(g)
	slowClientHangsUp(g)
	manyClients(g)
	clientSendsFINFirst(g)
	clientSendsOneLine(g)
	judgeStaying(g, waiting)
	briefPatience(g)
	longPatience(g)
	clientResets(g)
	judgeStaying(g, longWaiting)
	clientsReadLate(g, late)
	stray.areTheirOwn()
	clientHangsUpAtOnce(g)
	connIsClosed(g)
}

// conversation is a connection between a client of the grader and the student's process, in which EndConversation was called.
type conversation struct {
	*grading.Running
	g        *grading.Grader
	answer   grading.Data
	kept     grading.Handle[callersAnswer] // the answer in the student's process
	client   *net.TCPConn
	at, with netip.AddrPort // the addresses of the server's end and of the client's end
	patience time.Duration
	took     time.Duration // the length of the call
	err      error         // what the call returned
	returned time.Time     // when the call returned
	beside   bool          // other conversations go on
	ended
}

// Together, the server's send buffer and the client's receive buffer hold a few MiB at most: tcp_wmem in tcp(7) limits the first,
// and clientsBuffer the second.
const (
	moreThanBuffersHold = 8 << 20
	clientsBuffer       = 64 << 10
)

// begin connects a client to the student's process, calls first with the client's end, and then calls EndConversation without
// waiting for its return.
func begin(g *grading.Grader, answer int, patience time.Duration, first func(client *net.TCPConn)) *conversation {
	g.T().Helper()
	return beginCall(g, answer, last{Patience: patience}, first)
}

// beginCall is begin for a call with more arguments. It sets Conn and Answer. Some of the student's sockets are of IPv6, with an
// IPv4 address: a server that listens at [::] has such connections.
func beginCall(g *grading.Grader, answer int, call last, first func(client *net.TCPConn)) *conversation {
	g.T().Helper()
	from := call.From
	if !from.IsValid() {
		from = netip.AddrPortFrom(grading.AnyHost(), 0)
		if harness.BothFamilies.Missing() == "" && (call.Mapped || rand.IntN(4) == 0) {
			from = netip.AddrPortFrom(netip.AddrFrom4([4]byte{127, 0, 0, 1}), 0)
			call.Mapped = true
		}
	}
	listener := peer.ListenAtNoKeepalive(g.Experiment, from.String())
	if at := addressOf(listener.Addr()); call.Mapped {
		g.Prepare("connecting to "+at.String(), func() { call.Conn = dialMapped.On(g, at) })
	} else {
		call.Conn = g.Dial(at.String())
	}
	client, err := listener.AcceptTCP()
	require.NoError(g.T(), err)
	g.Own(client)
	require.NoError(g.T(), listener.Close())
	require.NoError(g.T(), client.SetReadBuffer(clientsBuffer))
	c := &conversation{
		g: g, answer: grading.NewData(answer), client: client, patience: call.Patience,
		at: addressOf(client.RemoteAddr()), with: addressOf(client.LocalAddr()),
	}
	if call.OneLine {
		c.answer.Seed |= oneLine
	}
	g.Prepare("making an answer", func() { c.kept = makeAnswer.On(g, c.answer) })
	call.Answer = c.kept
	first(client)
	begun := time.Now()
	c.Running = g.Go("EndConversation", func() {
		c.ended = endConversation.On(g, call)
		c.returned = time.Now()
		c.took, c.err = c.returned.Sub(begun), c.Err.Err()
	})
	return c
}

// sendUnwanted sends n bytes from the client, which the server has to discard.
func sendUnwanted(g *grading.Grader, client *net.TCPConn, n int) { send(g, client, grading.Bytes(n)) }

// send sends data from the client, and waits until all of it is acknowledged.
func send(g *grading.Grader, client *net.TCPConn, data []byte) {
	client.SetWriteDeadline(time.Now().Add(grading.Patience))
	client.Write(data) // without the error: if the server has reset the connection, a later check finds it
	begun := time.Now()
	kernel.AwaitTCPInfo(g.Experiment, harness.Client, client, func(i kernel.TCPInfo) bool {
		return i.Unacked == 0 || time.Since(begun) > grading.Patience
	})
}

// readAnswer lets the client read the whole answer, and nothing that comes after it.
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
		Sentence: "whole-answer", Mistake: "the client does not get the whole answer",
		Expected: story.Count(len(want), "byte"), Seen: fmt.Sprintf("%s, and %v", story.Count(n, "byte"), err),
		Read: "lab02_reuseaddr/TestLingerZeroLosesData",
	}
	var failed error
	if err != nil && c.ReturnsWithin(0) {
		c.Wait(0, f) // ends the grading if the call has panicked
		failed = c.err
		f.Seen += fmt.Sprintf("; EndConversation has returned %v", c.err)
	}
	// Alone, a client has got its answer before.
	if n == 0 && c.beside && (failed == nil || errors.Is(failed, os.ErrDeadlineExceeded)) {
		f.Sentence = "goroutines"
		f.Mistake = "a client gets no answer while conversations with other clients go on: a call waits for another one"
	}
	c.g.Expect(err == nil && bytes.Equal(got, want), f)
}

// awaitFirst waits until the client has received the first data, or the connection has failed, or the call has returned. If the
// call has panicked, awaitFirst ends the grading.
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

// staysOpenFor waits until the client has received nothing for the length of the pause, and checks that the server has sent neither
// a FIN nor a reset: the client has not hung up yet.
func (c *conversation) staysOpenFor(pause time.Duration) {
	c.g.T().Helper()
	begun := time.Now()
	info := kernel.AwaitTCPInfo(c.g.Experiment, harness.Client, c.client, func(i kernel.TCPInfo) bool {
		return i.State != kernel.Established || i.LastReceived >= pause || time.Since(begun) > grading.Patience
	})
	seen := fmt.Sprintf("the client's end is in %s, the server's: %s", info.State, inWords(c.entries()))
	c.g.Expect(info.State != kernel.Closed, grading.Finding{
		Sentence: "no-reset",
		Mistake:  "the connection is reset: a client that had not read the answer yet would have lost it",
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

// leavesNothing waits until the kernel's table has no entry of the server's end. If it keeps one, the finding says why.
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
		Sentence: "no-trace", Mistake: "the connection is not closed", Expected: "nothing is left at the server's end",
		Seen: inWords(left),
		Read: "lab02_reuseaddr/TestPortIsFreeWhenClientClosesFirst",
	}
	switch left[0].State {
	case kernel.TimeWait:
		f.Mistake = "the server's end goes into TIME_WAIT"
	case kernel.FinWait1, kernel.FinWait2:
		f.Mistake = "the server closes first, and its kernel has to wait for the client"
		f.Read = "lab02_reuseaddr/TestLingerZeroLeavesNoTimeWait"
	case kernel.LastAck:
		f.Mistake = "the kernel still waits for the client to acknowledge the answer or the FIN"
		f.Read = "lab02_reuseaddr/TestLingerZeroLeavesNoTimeWait"
	}
	c.g.Expect(false, f)
}
