package exercise_test

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"sync"
	"time"

	"github.com/stretchr/testify/require"

	"socketlabs/harness/grading"
	"socketlabs/harness/story"
)

// slow is a client that says a lot, and reads all the time, slowly.
type slow struct {
	s      *serving
	client *net.TCPConn
	begun  time.Time
	enough chan struct{}
	over   chan struct{}
	same   bool
	n      int
	gap    time.Duration // the longest time for which it did not read
	err    error
}

// readsSlowly lets a client read as much in as long as the silence as a kernel has room for: no write waits so long for the
// peer's acknowledgment, and one for room in the buffers may wait longer.
func (s *serving) readsSlowly() *slow {
	s.g.T().Helper()
	s.g.Step("a client of the server for %v says a lot, and reads slowly, all the time", s.silence)
	r := &slow{s: s, client: s.dial(), begun: time.Now(), enough: make(chan struct{}), over: make(chan struct{}), same: true}
	all := grading.Bytes(16 << 20)
	require.NoError(s.g.T(), r.client.SetReadBuffer(64<<10))
	require.NoError(s.g.T(), r.client.SetDeadline(time.Time{}))
	go r.client.Write(all) // until the connection is closed
	go r.read(all)
	return r
}

func (r *slow) read(all []byte) {
	defer close(r.over)
	const pause = 50 * time.Millisecond
	buffer := make([]byte, 8<<10)
	for last := time.Now(); r.err == nil; {
		select {
		case <-r.enough:
			return
		case <-time.After(pause):
		}
		r.client.SetReadDeadline(time.Now().Add(grading.Patience))
		var n int
		n, r.err = io.ReadFull(r.client, buffer)
		r.same = r.same && bytes.Equal(buffer[:n], all[r.n:r.n+n])
		r.n += n
		r.gap = max(r.gap, time.Since(last))
		last = time.Now()
	}
}

// judge looks whether it is served still.
func (r *slow) judge() {
	r.s.g.T().Helper()
	time.Sleep(time.Until(r.begun.Add(r.s.silence + 300*time.Millisecond)))
	close(r.enough)
	<-r.over
	require.NoError(r.s.g.T(), r.client.SetLinger(0))
	require.NoError(r.s.g.T(), r.client.Close())
	f := grading.Finding{
		Sentence: "echo",
		Mistake:  "a client does not get back what it has said",
		Expected: "the same bytes",
		Seen:     fmt.Sprintf("others, among the first %s", story.Count(r.n, "byte")),
		Read:     "lab03_keepalive/TestUserTimeoutEndsWriteToStalledReader",
	}
	r.s.g.Expect(r.same, f)
	if r.gap > r.s.silence/2 {
		r.s.g.Step("this machine has been busy, and the client was too slow to judge that")
		return
	}
	f.Sentence, f.Mistake = "kept", "a client that reads slowly, all the time, is dropped"
	f.Expected = "its window is never closed for long: it is served"
	f.Seen = fmt.Sprintf("after %s: %v", story.Count(r.n, "byte"), r.err)
	r.s.g.Expect(r.err == nil, f)
}

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
