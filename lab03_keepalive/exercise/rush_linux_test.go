package exercise_test

import (
	"net"
	"sync"

	"socketlabs/harness/grading"
	"socketlabs/harness/story"
)

// closeInRush closes the listener while clients come. What a client sees is not judged: one whose handshake was under way as
// the listener was closed may hear nothing of it, and believe itself connected.
func (s *serving) closeInRush() {
	s.g.T().Helper()
	const most = 100
	s.g.Step("the listener is closed while clients come")
	var coming sync.WaitGroup
	first := make(chan struct{})
	oneHasCome := sync.OnceFunc(func() { close(first) })
	coming.Go(func() {
		defer oneHasCome()
		for range most {
			client, err := net.DialTimeout("tcp", s.at.Address, grading.Patience)
			if err != nil {
				return // nobody listens any more
			}
			defer client.Close()
			oneHasCome()
		}
	})
	<-first
	s.close()
	held := s.awaitHeld(0, grading.Patience)
	coming.Wait()
	s.g.Expect(held == 0, grading.Finding{
		Sentence: "nothing-left",
		Mistake:  "Serve has returned, and has left a connection open that it had just accepted",
		Expected: "all of them are closed",
		Seen:     story.Count(held, "descriptor"),
		Read:     "lab03_keepalive/TestKeepaliveGivesHalfOpenConnectionsBack",
	})
}
