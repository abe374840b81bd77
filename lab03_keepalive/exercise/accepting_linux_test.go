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

// failing is a period in which accept fails: why, for how long at least, and how to begin and end it.
type failing struct {
	what       string
	least      time.Duration
	begin, end func()
}

// outOfDescriptors makes accept fail for a while. If another server has just dropped a client, a descriptor is free, and
// accept does not fail. Then outOfDescriptors tries again.
func (s *serving) outOfDescriptors() {
	s.g.T().Helper()
	const attempts = 5
	var was uint64
	for range attempts {
		if s.failsFor(failing{
			"the server's process can open no more descriptors", 400 * time.Millisecond,
			func() { s.g.Prepare("limiting the descriptors", func() { was = limitDescriptors.On(s.g, 0) }) },
			func() { s.g.Prepare("restoring the limit of descriptors", func() { limitDescriptors.On(s.g, was) }) },
		}) {
			return
		}
	}
}

// closesWithoutDescriptors closes the listener while accept fails.
func (s *serving) closesWithoutDescriptors() {
	s.g.T().Helper()
	s.g.Step("the server's process can open no more descriptors; a client connects, and the listener is closed")
	var was uint64
	s.g.Prepare("limiting the descriptors", func() { was = limitDescriptors.On(s.g, 0) })
	s.dial()
	time.Sleep(50 * time.Millisecond) // for accept to fail. On a busy machine, the listener may be closed before that
	s.close()
	s.g.Prepare("restoring the limit of descriptors", func() { limitDescriptors.On(s.g, was) })
}

// beyondDeadline makes accept fail with a timeout, which is not a lack of descriptors: once for a while, and then many
// times for a moment.
func (s *serving) beyondDeadline() {
	s.g.T().Helper()
	begin := func() { s.acceptFails(true) }
	end := func() { s.acceptFails(false) }
	s.failsFor(failing{"the listener's deadline has passed", 100 * time.Millisecond, begin, end})
	const often, soon, tooOften = 10, 2 * time.Second, 2 // a busy machine may be late once
	const long, enough = time.Second, 4                  // a pause that was long so often does not grow any more
	s.g.Step("accept fails %d times, for a moment each; a client connects after each failure", often)
	for late, slow, n := 0, 0, 0; n < often && slow < enough; n++ {
		begin()
		end()
		begun := time.Now()
		client := s.dial()
		_, err := s.ask(client)
		f := grading.Finding{
			Sentence: "goes-on",
			Mistake:  "a client waits long for a server whose accept failed for a moment",
			Expected: "the pause is short, even after many errors: the client is served within " + story.Duration(soon),
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

// acceptFails makes accept fail with a timeout, or lets it succeed.
func (s *serving) acceptFails(fails bool) {
	s.g.T().Helper()
	s.g.Prepare("setting the listener's deadline", func() { refuseAccept.On(s.g, refusedAccept{s.at, fails}) })
}

// failsFor makes accept fail, and judges what Serve does meanwhile and after that. It reports whether accept has failed.
func (s *serving) failsFor(o failing) (hasFailed bool) {
	s.g.T().Helper()
	// Meanwhile, the grader uses this much CPU time. A loop that does not pause uses as much meanwhile, even on a busy
	// machine. A loop that pauses for a few milliseconds uses a tenth of that.
	const computes = 60 * time.Millisecond
	s.goesOn("before its listener is closed")
	s.awaitHeld(0, grading.Patience)
	staying := s.clients(2)
	s.g.Step("%s, for %v, and two clients connect meanwhile; two are connected already", o.what, o.least)
	o.begin()
	began := time.Now()
	late := []*net.TCPConn{s.dial(), s.dial()}
	computed := s.computed()
	grading.Compute(computes)
	computed = s.computed() - computed
	hasFailed = s.held() <= len(staying)
	returned := s.ReturnsWithin(time.Until(began.Add(o.least)))
	o.end()
	f := grading.Finding{
		Sentence: "goes-on",
		Mistake:  "Serve ends when accept fails",
		Expected: "it pauses, and calls accept again, until the listener is closed",
		Seen:     fmt.Sprintf("it has returned: %v", s.err),
		Read:     "lab03_keepalive/TestKeepaliveFreesHalfOpenConnections",
	}
	if returned {
		s.Wait(0, grading.Finding{}) // it may have panicked
	}
	s.g.Expect(!returned, f)
	f.Mistake = "Serve calls accept again without a pause when accept fails"
	f.Seen = fmt.Sprintf("your process uses %s of CPU time while the grader uses %s", story.Duration(computed), story.Duration(computes))
	s.g.Outcome(harness.Server, "uses %v of CPU time", computed)
	s.g.Expect(computed < computes/2, f)
	for _, client := range staying {
		got, err := s.ask(client)
		s.g.Expect(err == nil, grading.Finding{
			Sentence: "kept",
			Mistake:  "a connected client is dropped while accept fails",
			Expected: "it gets back what it has sent",
			Seen:     fmt.Sprintf("%q, %v", got, err),
			Read:     f.Read,
		})
	}
	for _, client := range late { // those that stayed are still connected
		got, err := s.ask(client)
		f.Mistake, f.Seen = "clients that connected while accept failed are not served", fmt.Sprintf("%q, %v", got, err)
		s.g.Expect(err == nil, f)
	}
	s.judgeSettings(late[0].LocalAddr().String())
	for _, client := range append(staying, late...) {
		require.NoError(s.g.T(), client.Close())
	}
	return hasFailed
}

// computed returns the CPU time that the student's process has used.
func (s *serving) computed() (d time.Duration) {
	s.g.T().Helper()
	s.g.Prepare("reading the CPU time", func() { d = busy.On(s.g, struct{}{}) })
	return d
}

// stopAtWork closes the listener while clients are connected, four of which do not read. One of these has sent its FIN.
func (s *serving) stopAtWork() *endings {
	s.g.T().Helper()
	ended := s.fillUp(0)
	ended.sendsFIN() // what follows takes long enough for the server to read it, if it does not wait in Write
	stalled, _, _ := s.stalled()
	clients := append(s.clients(2), stalled, s.stalledEcho(), s.fillUp(0).client, ended.client)
	s.g.Step("the listener is closed while %s are connected, four of which do not read", story.Count(len(clients), "client"))
	s.close()
	const longest = 2500 * time.Millisecond // on a busy machine
	s.g.Expect(s.took < longest, grading.Finding{
		Sentence: "until-closed",
		Mistake:  "when its listener is closed, Serve waits for clients that do not read",
		Expected: "it closes their connections, and returns",
		Seen:     "it has returned after " + story.Duration(s.took),
		Read:     "lab03_keepalive/TestKeepaliveFreesHalfOpenConnections",
	})
	return s.ends(clients)
}

// endings shows how connections end, as their clients see it. A client that has read nothing yet takes seconds to read to
// the end: its receive buffer is small.
type endings struct {
	g    *grading.Grader
	errs []chan error // of each client: what its reads ended with
}

// ends starts to read each client's connection until it ends. Serve has returned.
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

// judge waits until the connections have ended.
func (e *endings) judge() {
	e.g.T().Helper()
	for _, read := range e.errs {
		e.g.Expect(!errors.Is(<-read, os.ErrDeadlineExceeded), grading.Finding{
			Sentence: "nothing-left",
			Mistake:  "Serve has returned, and one of its connections is still open",
			Expected: "all of them are closed",
			Seen:     "the client's Read times out",
			Read:     "lab03_keepalive/TestKeepaliveFreesHalfOpenConnections",
		})
	}
}
