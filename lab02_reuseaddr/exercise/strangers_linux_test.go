package exercise_test

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"net/netip"
	"sync/atomic"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"socketlabs/harness/grading"
	"socketlabs/harness/peer"
	"socketlabs/lab02_reuseaddr/exercise"
)

// strangers are sockets of the student's process that belong to nobody's conversation. They are opened when a conversation has
// ended well, so that one of them gets its descriptor's number.
type strangers struct {
	g     *grading.Grader
	until time.Time // patience of that conversation is over
	pairs grading.Handle[[][2]int]
}

// strangersTakeOver: a conversation ends well long before patience is over, and then others have its descriptor's number.
func strangersTakeOver(g *grading.Grader) *strangers {
	g.T().Helper()
	const patience = 1500 * time.Millisecond
	for {
		g.Step("a client reads its answer, and hangs up; then the server opens sockets: one gets the number of conn's descriptor")
		s := &strangers{g: g, until: time.Now().Add(patience)}
		c := begin(g, 50, patience, func(*net.TCPConn) {})
		c.readAnswer()
		c.hangUp()
		g.Prepare("opening sockets", func() { s.pairs = openStrangers.On(g, struct{}{}) })
		if time.Now().Before(s.until) {
			return s
		}
	}
}

// areTheirOwn checks that EndConversation has done nothing to the strangers when patience was over.
func (s *strangers) areTheirOwn() {
	s.g.T().Helper()
	time.Sleep(time.Until(s.until))
	var touched string
	s.g.Prepare("looking at the sockets", func() { touched = touchedStrangers.On(s.g, s.pairs) })
	s.g.Expect(touched == "", grading.Finding{
		Sentence: "nothing-left",
		Mistake:  "code of an earlier call does something to a connection of others: it knows conn only by the number of its descriptor",
		Expected: "when a call has returned, nothing of it happens later: its timers are stopped",
		Seen:     touched,
	})
}

var openStrangers = grading.Export("strangers", func(struct{}) grading.Handle[[][2]int] {
	var pairs [][2]int
	for range 16 {
		if pair, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK, 0); err == nil {
			pairs = append(pairs, pair)
		}
	}
	return grading.Keep(pairs)
})

// touchedStrangers says what has been done to a stranger, and closes all of them.
var touchedStrangers = grading.Export("strangers, later", func(of grading.Handle[[][2]int]) (touched string) {
	for _, pair := range of.Get() {
		for i, fd := range pair {
			linger, err := unix.GetsockoptLinger(fd, unix.SOL_SOCKET, unix.SO_LINGER)
			switch _, _, rerr := unix.Recvfrom(fd, make([]byte, 1), unix.MSG_PEEK); {
			case err != nil:
				touched = fmt.Sprintf("one of these sockets is closed: %v", err)
			case linger.Onoff != 0:
				touched = "one of these sockets has SO_LINGER"
			case rerr != unix.EAGAIN:
				touched = "one of these sockets is shut down, or has received data"
			case unix.Send(pair[1-i], nil, 0) != nil:
				touched = "one of these sockets is shut down"
			}
		}
	}
	for _, pair := range of.Get() {
		unix.Close(pair[0])
		unix.Close(pair[1])
	}
	of.Drop()
	return touched
})

// clientHangsUpAtOnce: patience is short, and long enough for a client that reads at once. On a busy machine, it can be too short.
// So one of several attempts must end well.
func clientHangsUpAtOnce(g *grading.Grader) {
	g.T().Helper()
	const (
		patience = 150 * time.Millisecond
		enough   = 3 * time.Second
	)
	g.Step("a client reads its answer at once, and hangs up; patience is %v", patience)
	begun := time.Now()
	for attempt := 1; ; attempt++ {
		c := begin(g, 50, patience, func(*net.TCPConn) {})
		n, err := c.readAndHangUp()
		c.Wait(0, grading.Finding{Sentence: "it-returns", Mistake: "a client can hold the server for ever"})
		if c.err == nil && err == nil {
			return
		}
		g.Expect(attempt < attempts || time.Since(begun) < enough, grading.Finding{
			Sentence: "whole-answer",
			Mistake:  "the answer is held back until patience is over",
			Expected: "a client that reads gets the whole answer",
			Seen:     fmt.Sprintf("in the last of %d attempts, the client reads %d bytes, and EndConversation returns: %v", attempt, n, c.err),
		})
	}
}

// readAndHangUp reads the answer, and closes the client's side.
func (c *conversation) readAndHangUp() (n int, err error) {
	c.g.T().Helper()
	require.NoError(c.g.T(), c.client.SetReadDeadline(time.Now().Add(grading.Patience)))
	want := answerOf(c.answer)
	for n < len(want) && err == nil {
		var more int
		more, err = c.client.Read(want[n:])
		n += more
	}
	c.client.Close()
	return n, err
}

// crowd has an address where the grader accepts connections, and how many there are to be.
type crowd struct {
	At     netip.AddrPort
	Many   int
	Answer grading.Data
}

// endMany ends many conversations, all at the same time, and returns the number of calls that return an error.
var endMany = grading.Export("EndConversation, with many clients", func(c crowd) (failed int) {
	var errs atomic.Int64
	concurrently(c.Many, func(int) {
		conn, err := net.DialTCP("tcp", nil, net.TCPAddrFromAddrPort(c.At))
		if err == nil {
			err = exercise.EndConversation(conn, answerOf(c.Answer), time.Minute)
		}
		if err != nil {
			errs.Add(1)
		}
	})
	return int(errs.Load())
})

// manyClients: many clients get their answers, and none hangs up before the last one has its answer.
func manyClients(g *grading.Grader) {
	g.T().Helper()
	const many = 100
	g.Step("%d clients get their answers; then all of them hang up", many)
	listener := peer.ListenAtNoKeepalive(g.Experiment, netip.AddrPortFrom(grading.AnyHost(), 0).String())
	all := crowd{addressOf(listener.Addr()), many, grading.NewData(50)}
	failed := 0
	call := g.Go("EndConversation", func() { failed = endMany.On(g, all) })
	want := answerOf(all.Answer)
	var clients []*net.TCPConn
	for range many {
		client, err := listener.AcceptTCP()
		require.NoError(g.T(), err)
		g.Own(client)
		clients = append(clients, client)
	}
	f := grading.Finding{
		Sentence: "goroutines",
		Mistake:  "a client gets no answer while conversations with many others go on: a call waits for another one",
		Expected: fmt.Sprintf("%d clients get their answers, although none of them has hung up", many),
	}
	for i, client := range clients {
		require.NoError(g.T(), client.SetReadDeadline(time.Now().Add(grading.Patience)))
		got := make([]byte, len(want))
		n, err := io.ReadFull(client, got)
		if err != nil && call.ReturnsWithin(0) {
			call.Wait(0, f) // ends the grading if a call has panicked
		}
		f.Seen = fmt.Sprintf("%d clients get their answers; the next one reads %d bytes, and %v", i, n, err)
		g.Expect(err == nil && bytes.Equal(got, want), f)
	}
	for _, client := range clients {
		client.CloseWrite() // without the error: if the connection has failed, the call returns an error
	}
	f.Mistake, f.Expected, f.Seen = "a call does not return while others go on", "EndConversation returns as soon as its client has hung up", ""
	call.Wait(0, f)
	f.Sentence, f.Mistake = "no-error", "the conversation has ended well, but the call returns an error"
	f.Expected, f.Seen = "no error: all clients have their answers, and have hung up in time", fmt.Sprintf("%d of %d calls return an error", failed, many)
	g.Expect(failed == 0, f)
}

// sendUrgent sends a byte of urgent data: tcp(7). A server that reads as usual does not notice it.
func sendUrgent(g *grading.Grader, client *net.TCPConn) {
	g.T().Helper()
	onDescriptor(g.T(), client, func(fd int) { unix.Send(fd, []byte("!"), unix.MSG_OOB|unix.MSG_DONTWAIT) })
}

// closesByConn checks that it is conn that has closed its descriptor.
func (c *conversation) closesByConn() {
	c.g.T().Helper()
	c.g.Expect(!c.Behind, grading.Finding{
		Sentence: "goroutines",
		Mistake:  closedTwice,
		Expected: "conn is closed by its method Close",
		Seen:     "conn is open, and its descriptor is closed: package net will close the same number again",
	})
}

const closedTwice = "a descriptor is closed twice: the second time, it can be another goroutine's"

// connIsClosed: EndConversation closes the descriptor of conn. No other conversation is open now.
func connIsClosed(g *grading.Grader) {
	g.T().Helper()
	before := g.Holdings()
	g.Step("one more client reads its answer, and hangs up; then the server's descriptor must be closed")
	c := beginCall(g, 1000, last{Patience: time.Minute, Watched: true}, func(*net.TCPConn) {})
	c.readAnswer()
	c.hangUp()
	g.Expect(!c.Lost, grading.Finding{
		Sentence: "goroutines",
		Mistake:  closedTwice,
		Expected: "each descriptor is closed once",
		Seen:     "a descriptor that another goroutine opens during the call is closed when the call returns",
	})
	g.ExpectNothingLeft(before, "EndConversation")
}
