package exercise_test

import (
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/netip"
	"time"

	"github.com/stretchr/testify/require"

	"socketlabs/harness"
	"socketlabs/harness/grading"
	"socketlabs/harness/refuse"
	"socketlabs/harness/story"
)

// serving is a server: a call of Serve.
type serving struct {
	*grading.Running
	g       *grading.Grader
	silence time.Duration
	at      place
	err     error         // that Serve has returned
	took    time.Duration // from the close of the listener until Serve has returned
	unable  string        // why the kernel can't be made to refuse something here

	early, silent *net.TCPConn // clients that connect before Serve is called; silent sends nothing
}

// startServing starts a server that has no clients yet.
func startServing(g *grading.Grader, silence, keepalive time.Duration) *serving {
	g.T().Helper()
	s := startAtWork(g, silence, keepalive)
	require.NoError(g.T(), s.early.Close())
	require.NoError(g.T(), s.silent.Close())
	return s
}

// The keepalive of accepted connections, before Serve sets any: none, or Go's default. See whereToListen.
const none, byGo = -1, 0

// anywhere returns one of the loopback's addresses. Where keepalive is Go's default, some listeners have a TCP_USER_TIMEOUT, too,
// which is too long.
func anywhere(keepalive time.Duration) whereToListen {
	userTimeout := 0
	if keepalive == byGo {
		const twoHours = 7_200_000
		userTimeout = rand.N(2) * (twoHours + rand.N(twoHours))
	}
	return whereToListen{netip.AddrPortFrom(grading.AnyHost(), 0).String(), keepalive, userTimeout}
}

// startAtWork starts a server that has two clients already. A third has reset its connection before accept.
func startAtWork(g *grading.Grader, silence, keepalive time.Duration) *serving {
	g.T().Helper()
	g.Step("a server starts with a silence of %v: clients whose hosts have vanished are to be dropped after that time", silence)
	s := &serving{g: g, silence: silence}
	g.Prepare("opening a listener", func() { s.at = listen.On(g, anywhere(keepalive)) })
	require.NoError(g.T(), s.at.Err.Err())
	gone := s.dial()
	require.NoError(g.T(), gone.SetLinger(0))
	require.NoError(g.T(), gone.Close())
	s.early, s.silent = s.dial(), s.dial()
	s.serve()
	served := make(chan error, 1)
	go func() {
		_, err := s.ask(s.early)
		served <- err
	}()
	select {
	case err := <-served:
		g.Expect(err == nil, grading.Finding{
			Sentence: "echo",
			Mistake:  "a client does not get back what it has sent",
			Expected: "the ten letters that it has sent; one other client is connected",
			Seen:     fmt.Sprint(err),
			Read:     "lab03_keepalive/TestKeepaliveFreesHalfOpenConnections",
		})
	case <-s.Returned():
		s.goesOn("while it has clients; the first of all had reset its connection before it was accepted")
	}
	return s
}

// serve calls the student's code.
func (s *serving) serve(refused ...refuse.Call) {
	s.Running = s.g.Go("Serve", func() {
		got := serve.On(s.g, service{s.at, s.silence, refused})
		s.err, s.unable = got.Err.Err(), got.Unable
		s.g.Outcome(harness.Server, "Serve: %v", s.err)
	})
}

// dial connects a client.
func (s *serving) dial() *net.TCPConn {
	s.g.T().Helper()
	dialer := net.Dialer{KeepAlive: -1, Timeout: grading.Patience}
	client, err := dialer.DialContext(s.g.T().Context(), "tcp", s.at.Address)
	s.g.Expect(err == nil, grading.Finding{
		Sentence: "goes-on",
		Mistake:  "a client can't connect any more",
		Expected: "the listener is open until the grader closes it",
		Seen:     fmt.Sprint(err),
		Read:     "lab03_keepalive/TestKeepaliveFreesHalfOpenConnections",
	})
	s.g.Own(client)
	return client.(*net.TCPConn)
}

// goesOn expects that Serve has not returned: its listener is open.
func (s *serving) goesOn(when string) {
	s.g.T().Helper()
	if s.ReturnsWithin(0) {
		s.Wait(0, grading.Finding{}) // it may have panicked
		s.g.Expect(false, grading.Finding{
			Sentence: "until-closed",
			Mistake:  "Serve returns " + when,
			Expected: "it goes on until the listener is closed",
			Seen:     fmt.Sprintf("it has returned: %v", s.err),
			Read:     "lab03_keepalive/TestKeepaliveFreesHalfOpenConnections",
		})
	}
}

// clients connects n clients, and expects that each is served.
func (s *serving) clients(n int) (connected []*net.TCPConn) {
	s.g.T().Helper()
	s.g.Step("%d clients connect to the server with a silence of %v, and each sends a request", n, s.silence)
	for range n {
		client := s.dial()
		connected = append(connected, client)
		got, err := s.ask(client)
		s.g.Expect(err == nil, grading.Finding{
			Sentence: "many",
			Mistake:  "a client is not served while others are connected",
			Expected: "it gets back what it has sent",
			Seen:     fmt.Sprintf("%q, %v", got, err),
			Read:     "lab03_keepalive/TestKeepaliveFreesHalfOpenConnections",
		})
	}
	return connected
}

// silentClients connects clients that send nothing, until one is accepted at once.
func (s *serving) silentClients() (clients []*net.TCPConn) {
	s.g.T().Helper()
	const most, soon = 4, 300 * time.Millisecond // a busy machine may be late: one of several has to be in time
	for took := time.Hour; took > soon; {
		before := s.held()
		clients = append(clients, s.dial())
		begun := time.Now()
		for took = 0; s.held() <= before && took < grading.Patience; took = time.Since(begun) {
			time.Sleep(time.Millisecond)
		}
		s.g.Expect(took < soon || took < grading.Patience && len(clients) < most, grading.Finding{
			Sentence: "vanished",
			Mistake:  "a client that sends nothing is accepted late, or not at all: until then, its connection has no settings",
			Expected: "a client is accepted at once",
			Seen:     "after " + story.Duration(took) + ", and so were clients before",
			Read:     "lab03_keepalive/TestKeepaliveFreesHalfOpenConnections",
		})
	}
	return clients
}

// ask sends a request of ten letters from a client, and reads the echo.
func (s *serving) ask(client *net.TCPConn) (got string, err error) {
	if err := client.SetDeadline(time.Now().Add(grading.Patience)); err != nil {
		return "", err
	}
	request := grading.Text(10)
	if _, err := io.WriteString(client, request); err != nil {
		return "", err
	}
	answer := make([]byte, len(request))
	n, err := io.ReadFull(client, answer)
	if err == nil && string(answer) != request {
		err = fmt.Errorf("it has sent %q", request)
	}
	return string(answer[:n]), err
}

// held counts the connections whose descriptors the server holds.
func (s *serving) held() (n int) {
	s.g.T().Helper()
	s.g.Prepare("counting descriptors", func() { n = heldAt.On(s.g, s.at.Address) })
	return n
}

// awaitHeld waits until the number of connections that the server holds is not above most, or the limit is over.
func (s *serving) awaitHeld(most int, limit time.Duration) (n int) {
	s.g.T().Helper()
	poll := time.NewTicker(10 * time.Millisecond)
	defer poll.Stop()
	for begun := time.Now(); ; <-poll.C {
		if n = s.held(); n <= most || time.Since(begun) > limit {
			s.g.Outcome(harness.Server, "%d descriptors are held", n)
			return n
		}
	}
}

// stop resets the connections of the clients, and then closes the listener.
func (s *serving) stop(clients []*net.TCPConn) {
	s.g.T().Helper()
	for _, client := range clients {
		require.NoError(s.g.T(), client.SetLinger(0)) // with a reset: data in flight does not matter any more
		require.NoError(s.g.T(), client.Close())
	}
	s.close()
}

// close closes the listener, also while clients are connected, and waits until Serve has returned.
func (s *serving) close() {
	s.g.T().Helper()
	s.closeListener()
	begun := time.Now()
	s.isOver()
	s.took = time.Since(begun)
}

// closeListener expects that Serve has not returned yet, and closes the listener.
func (s *serving) closeListener() {
	s.g.T().Helper()
	s.goesOn("before its listener is closed")
	s.g.Prepare("closing the listener", func() { closeListener.On(s.g, s.at) })
}

// isOver expects that Serve returns: its listener is closed.
func (s *serving) isOver() {
	s.g.T().Helper()
	s.Wait(0, grading.Finding{
		Sentence: "until-closed",
		Mistake:  "Serve does not return when its listener is closed",
		Expected: "when the listener is closed, Serve returns",
		Read:     "lab03_keepalive/TestKeepaliveFreesHalfOpenConnections",
	})
	s.g.Expect(errors.Is(s.err, net.ErrClosed), grading.Finding{
		Sentence: "until-closed",
		Mistake:  "Serve does not return the listener's error",
		Expected: "an error in which errors.Is finds net.ErrClosed",
		Seen:     fmt.Sprint(s.err),
		Read:     "lab03_keepalive/TestKeepaliveFreesHalfOpenConnections",
	})
}
