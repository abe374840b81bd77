package exercise_test

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"time"

	"github.com/stretchr/testify/require"

	"socketlabs/harness"
	"socketlabs/harness/grading"
	"socketlabs/harness/refuse"
)

// serving is the student's server.
type serving struct {
	*grading.Running
	g       *grading.Grader
	silence time.Duration
	at      place
	err     error         // of Serve
	took    time.Duration // from the close of the listener until Serve has returned
	unable  string        // why the kernel can't be made to refuse something here

	early, mute *net.TCPConn // clients that have connected before Serve was called; one of them says nothing
}

// startServing starts a server that has no clients yet.
func startServing(g *grading.Grader, silence, keepalive time.Duration) *serving {
	g.T().Helper()
	s := startAtWork(g, silence, keepalive)
	require.NoError(g.T(), s.early.Close())
	require.NoError(g.T(), s.mute.Close())
	return s
}

// none is for listeners whose connections have no keepalive by Go, and byGo for those that have it.
const none, byGo = -1, 0

// anywhere is an address of this machine.
func anywhere(keepalive time.Duration) whereToListen {
	return whereToListen{netip.AddrPortFrom(grading.AnyHost(), 0).String(), keepalive}
}

// startAtWork starts a server that has clients already.
func startAtWork(g *grading.Grader, silence, keepalive time.Duration) *serving {
	g.T().Helper()
	g.Step("a server begins; clients that are silent for %v because they have vanished are to be given up", silence)
	s := &serving{g: g, silence: silence}
	g.Prepare("a listener", func() { s.at = listen.On(g, anywhere(keepalive)) })
	require.NoError(g.T(), s.at.Err.Err())
	s.early, s.mute = s.dial(), s.dial()
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
			Mistake:  "a client does not get back what it has said",
			Expected: "ten letters, while nobody else is connected",
			Seen:     fmt.Sprint(err),
			Read:     "lab03_keepalive/TestKeepaliveFreesHalfOpenConnections",
		})
	case <-s.Returned():
		s.goesOn("when it has a client")
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
		Expected: "the listener is open until its owner closes it",
		Seen:     fmt.Sprint(err),
		Read:     "lab03_keepalive/TestKeepaliveFreesHalfOpenConnections",
	})
	s.g.Own(client)
	return client.(*net.TCPConn)
}

// goesOn: Serve has not returned, while its listener is open.
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

// clients connect and are served.
func (s *serving) clients(n int) (connected []*net.TCPConn) {
	s.g.T().Helper()
	s.g.Step("%d clients connect to the server for %v, and each asks something", n, s.silence)
	for range n {
		client := s.dial()
		connected = append(connected, client)
		got, err := s.ask(client)
		s.g.Expect(err == nil, grading.Finding{
			Sentence: "many",
			Mistake:  "a client is not served while others are connected",
			Expected: "it has back what it has said",
			Seen:     fmt.Sprintf("%q, %v", got, err),
			Read:     "lab03_keepalive/TestKeepaliveFreesHalfOpenConnections",
		})
	}
	return connected
}

// ask says something and wants to have it back.
func (s *serving) ask(client *net.TCPConn) (got string, err error) {
	if err := client.SetDeadline(time.Now().Add(grading.Patience)); err != nil {
		return "", err
	}
	word := grading.Text(10)
	if _, err := io.WriteString(client, word); err != nil {
		return "", err
	}
	answer := make([]byte, len(word))
	n, err := io.ReadFull(client, answer)
	if err == nil && string(answer) != word {
		err = fmt.Errorf("it has said %q", word)
	}
	return string(answer[:n]), err
}

// held counts the connections of which the server has the descriptor.
func (s *serving) held() (n int) {
	s.g.T().Helper()
	s.g.Prepare("counting descriptors", func() { n = heldAt.On(s.g, s.at.Address) })
	return n
}

// awaitHeld waits until they are no more than most, or the limit is over.
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

// stop closes the listener. These clients have ended their connections before that.
func (s *serving) stop(clients []*net.TCPConn) {
	s.g.T().Helper()
	for _, client := range clients {
		require.NoError(s.g.T(), client.SetLinger(0)) // what is under way does not matter any more
		require.NoError(s.g.T(), client.Close())
	}
	s.close()
}

// close closes the listener, whoever is there.
func (s *serving) close() {
	s.g.T().Helper()
	s.closeListener()
	begun := time.Now()
	s.isOver()
	s.took = time.Since(begun)
}

func (s *serving) closeListener() {
	s.g.T().Helper()
	s.goesOn("before its listener is closed")
	s.g.Prepare("closing the listener", func() { closeListener.On(s.g, s.at) })
}

// isOver: the listener is closed.
func (s *serving) isOver() {
	s.g.T().Helper()
	s.Wait(0, grading.Finding{
		Sentence: "until-closed",
		Mistake:  "Serve goes on without a listener",
		Expected: "when the listener is closed, Serve returns",
		Read:     "lab03_keepalive/TestKeepaliveFreesHalfOpenConnections",
	})
	s.g.Expect(errors.Is(s.err, net.ErrClosed), grading.Finding{
		Sentence: "until-closed",
		Mistake:  "Serve does not say why it has ended",
		Expected: "the listener's error, net.ErrClosed",
		Seen:     fmt.Sprint(s.err),
		Read:     "lab03_keepalive/TestKeepaliveFreesHalfOpenConnections",
	})
}
