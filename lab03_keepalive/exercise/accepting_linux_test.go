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
	"socketlabs/harness/story"
)

// failing is a time for which accept fails.
type failing struct {
	what       string
	least      time.Duration
	begin, end func()
}

// outOfDescriptors: for a while accept fails. If another server's client has just been given up, its descriptor is free,
// and accept does not fail: then it is done again.
func (s *serving) outOfDescriptors() {
	s.g.T().Helper()
	const attempts = 5
	var was uint64
	for range attempts {
		if s.failsFor(failing{
			"the server's process can have no more descriptors", 400 * time.Millisecond,
			func() { was = limitDescriptors.On(s.g, 0) },
			func() { limitDescriptors.On(s.g, was) },
		}) {
			return
		}
	}
}

// closesWithoutDescriptors: the listener is closed while accept fails.
func (s *serving) closesWithoutDescriptors() {
	s.g.T().Helper()
	s.g.Step("the server's process can have no more descriptors, a client comes, and the listener is closed")
	var was uint64
	s.g.Prepare("an outage", func() { was = limitDescriptors.On(s.g, 0) })
	s.dial()
	time.Sleep(50 * time.Millisecond) // time for accept to fail. On a busy machine it may be too little, and then this step finds less
	s.close()
	s.g.Prepare("the end of an outage", func() { limitDescriptors.On(s.g, was) })
}

// beyondDeadline: accept fails by an error that is no lack of descriptors, for a while; then often, and for a moment.
func (s *serving) beyondDeadline() {
	s.g.T().Helper()
	begin := func() { refuseAccept.On(s.g, refusedAccept{s.at, true}) }
	end := func() { refuseAccept.On(s.g, refusedAccept{s.at, false}) }
	s.failsFor(failing{"the listener has a deadline, which is over", 100 * time.Millisecond, begin, end})
	const often, soon, tooOften = 10, 2 * time.Second, 2 // a busy machine may be late once
	const long, enough = time.Second, 4                  // a long pause, and of these so many that it grows no more
	s.g.Step("accept fails %d times, for a moment, and each time clients come then", often)
	for late, slow, n := 0, 0, 0; n < often && slow < enough; n++ {
		s.g.Prepare("the deadline", begin)
		s.g.Prepare("the deadline", end)
		begun := time.Now()
		client := s.dial()
		_, err := s.ask(client)
		f := grading.Finding{
			Sentence: "goes-on",
			Mistake:  "a client waits long for a server whose accept failed for a moment",
			Expected: "the pause is short, and no longer after many errors: it is served after " + story.Duration(soon) + " at most",
			Seen:     fmt.Sprintf("after %s: %v", story.Duration(time.Since(begun)), err),
			Read:     "lab03_keepalive/TestKeepaliveFreesHalfOpenConnections",
		}
		switch took := time.Since(begun); {
		case took > soon:
			late++
		case took > long:
			slow++
			late = 0
		default:
			late = 0
		}
		s.g.Expect(err == nil && late < tooOften, f)
		require.NoError(s.g.T(), client.Close())
	}
}

// failsFor reports whether accept has failed.
func (s *serving) failsFor(o failing) (hasFailed bool) {
	s.g.T().Helper()
	// Meanwhile the grader computes for as long as this. On a busy machine a loop that does not pause gets as much of the
	// processors; one that does, for a few milliseconds, takes a tenth of that.
	const computes = 60 * time.Millisecond
	s.goesOn("before its listener is closed")
	s.awaitHeld(0, grading.Patience)
	staying := s.clients(2)
	s.g.Step("%s, for %v, and two clients come; two are there", o.what, o.least)
	s.g.Prepare("an outage", o.begin)
	began := time.Now()
	late := []*net.TCPConn{s.dial(), s.dial()}
	computed := s.computed()
	grading.Compute(computes)
	computed = s.computed() - computed
	hasFailed = s.held() <= len(staying)
	returned := s.ReturnsWithin(time.Until(began.Add(o.least)))
	s.g.Prepare("the end of an outage", o.end)
	f := grading.Finding{
		Sentence: "goes-on",
		Mistake:  "Serve ends when accept fails",
		Expected: "it waits a moment, and accepts again, until the listener is closed",
		Seen:     fmt.Sprintf("it has returned: %v", s.err),
		Read:     "lab03_keepalive/TestKeepaliveFreesHalfOpenConnections",
	}
	s.g.Expect(!returned, f)
	f.Mistake = "Serve asks for the next client without a pause when accept fails"
	f.Seen = fmt.Sprintf("it computes for %s, where the grader can compute for %s", story.Duration(computed), story.Duration(computes))
	s.g.Outcome(harness.Server, "computes for %v", computed)
	s.g.Expect(computed < computes/2, f)
	for _, client := range staying {
		got, err := s.ask(client)
		s.g.Expect(err == nil, grading.Finding{
			Sentence: "kept",
			Mistake:  "a client that is there is dropped while accept fails",
			Expected: "it has back what it has said",
			Seen:     fmt.Sprintf("%q, %v", got, err),
			Read:     f.Read,
		})
	}
	for _, client := range late { // the others are still there
		got, err := s.ask(client)
		f.Mistake, f.Seen = "clients are not served that came while accept failed", fmt.Sprintf("%q, %v", got, err)
		s.g.Expect(err == nil, f)
	}
	for _, client := range append(staying, late...) {
		require.NoError(s.g.T(), client.Close())
	}
	return hasFailed
}

// computed is how long the student's process has computed.
func (s *serving) computed() (d time.Duration) {
	s.g.T().Helper()
	s.g.Prepare("the time", func() { d = busy.On(s.g, struct{}{}) })
	return d
}

// stopAtWork closes the listener while clients are connected, one of which does not read.
func (s *serving) stopAtWork() *endings {
	s.g.T().Helper()
	deaf, _, _ := s.deaf()
	clients := append(s.clients(2), deaf, s.deafLater())
	s.g.Step("the listener is closed while %s are connected, two of which do not read", story.Count(len(clients), "client"))
	s.close()
	const longest = 2500 * time.Millisecond // on a busy machine
	s.g.Expect(s.took < longest, grading.Finding{
		Sentence: "until-closed",
		Mistake:  "Serve waits for clients that do not read when its listener is closed",
		Expected: "it closes their connections, and returns",
		Seen:     "it has returned after " + story.Duration(s.took),
		Read:     "lab03_keepalive/TestKeepaliveFreesHalfOpenConnections",
	})
	return s.ends(clients)
}

// endings are the ends of connections as their clients see them. One that has read nothing yet takes seconds: its
// buffer is small.
type endings struct {
	g    *grading.Grader
	errs []chan error
}

// ends begins to read until the ends of connections: Serve has returned.
func (s *serving) ends(clients []*net.TCPConn) *endings {
	s.g.T().Helper()
	e := &endings{g: s.g}
	for _, client := range clients {
		require.NoError(s.g.T(), client.SetReadDeadline(time.Now().Add(grading.Patience)))
		read := make(chan error, 1)
		go func() {
			_, err := io.Copy(io.Discard, struct{ net.Conn }{client})
			client.Close()
			read <- err
		}()
		e.errs = append(e.errs, read)
	}
	return e
}

// judge waits for them.
func (e *endings) judge() {
	e.g.T().Helper()
	for _, read := range e.errs {
		e.g.Expect(!errors.Is(<-read, os.ErrDeadlineExceeded), grading.Finding{
			Sentence: "nothing-left",
			Mistake:  "Serve has returned, and one of its connections is still open",
			Expected: "all of them are closed",
			Seen:     "the client waits for the end in vain",
			Read:     "lab03_keepalive/TestKeepaliveFreesHalfOpenConnections",
		})
	}
}
