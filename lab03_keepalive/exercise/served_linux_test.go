package exercise_test

import (
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"time"

	"github.com/stretchr/testify/require"

	"socketlabs/harness"
	"socketlabs/harness/grading"
	"socketlabs/harness/kernel"
	"socketlabs/harness/story"
)

// echoes: what clients say comes back.
func (s *serving) echoes() {
	s.g.T().Helper()
	const atOnce, long = 3, 1 << 20
	s.g.Step("%d clients at a time say %d MiB each, and read it", atOnce, long>>20)
	results := make(chan grading.Finding, atOnce)
	for range atOnce {
		client := s.dial()
		go func() { results <- echo(client, grading.Bytes(long), true) }()
	}
	for range atOnce {
		f := <-results
		s.g.Expect(f.Mistake == "", f)
	}
	for _, size := range []int{1, 100, 150 << 10} {
		s.g.Step("a client says %d bytes, ends its side, and reads then", size)
		client := s.dial()
		f := echo(client, grading.Bytes(size), false)
		s.g.Expect(f.Mistake == "", f)
	}
}

// echo is a client that says all, and reads meanwhile or then. The finding has no mistake if all is well.
func echo(client *net.TCPConn, all []byte, meanwhile bool) (f grading.Finding) {
	client.SetDeadline(time.Now().Add(grading.Patience))
	said := make(chan error, 1)
	say := func() {
		_, err := client.Write(all)
		if err == nil {
			err = client.CloseWrite()
		}
		said <- err
	}
	if meanwhile {
		go say()
	} else {
		say()
		const a = 50 * time.Millisecond // in which the server reads all, and knows that it is all
		time.Sleep(a)
	}
	return hear(client, all, said)
}

// hear is a client that reads what it has said, and knows then how its writes went.
func hear(client *net.TCPConn, all []byte, said <-chan error) (f grading.Finding) {
	got := make([]byte, len(all))
	n, err := io.ReadFull(client, got)
	same := 0
	for same < n && got[same] == all[same] {
		same++
	}
	f = grading.Finding{
		Sentence: "echo",
		Mistake:  "a client does not get back what it has said",
		Expected: story.Count(len(all), "byte"),
		Seen:     fmt.Sprintf("%s, of which the first %d are right, and %v", story.Count(n, "byte"), same, err),
		Read:     "lab03_keepalive/TestKeepaliveGivesHalfOpenConnectionsBack",
	}
	if err != nil || same < len(all) {
		client.Close()
		f.Seen += fmt.Sprintf("; the client's writes: %v", <-said)
		return f
	}
	if more, err := io.ReadAll(client); err != nil || len(more) > 0 {
		return grading.Finding{
			Sentence: "hangs-up",
			Mistake:  "a client has ended its side and has all back, and the connection is not closed",
			Expected: "the end of the stream",
			Seen:     fmt.Sprintf("%s more, and %v", story.Count(len(more), "byte"), err),
			Read:     f.Read,
		}
	}
	return grading.Finding{}
}

// servesMany: one of many clients does not read.
func (s *serving) servesMany() {
	s.g.T().Helper()
	const many = 20
	s.g.Step("a client says a lot and does not read; %d others connect, and then each asks", many)
	deaf := s.dial()
	require.NoError(s.g.T(), deaf.SetReadBuffer(64<<10))
	require.NoError(s.g.T(), deaf.SetDeadline(time.Now().Add(3*grading.Patience)))
	all := grading.Bytes(16 << 20) // more than the kernels hold
	said := make(chan error, 1)
	go func() {
		_, err := deaf.Write(all)
		said <- errors.Join(err, deaf.CloseWrite())
	}()
	begun := time.Now()
	kernel.AwaitTCPInfo(s.g.Experiment, harness.Client, deaf, func(i kernel.TCPInfo) bool {
		stands := i.DataSegmentsIn > 0 && i.LastReceived > 50*time.Millisecond
		return i.State != kernel.Established || stands || time.Since(begun) > grading.Patience
	})
	var others []*net.TCPConn
	for range many {
		others = append(others, s.dial())
	}
	for i, client := range slices.Backward(others) {
		got, err := s.ask(client)
		s.g.Expect(err == nil, grading.Finding{
			Sentence: "many",
			Mistake:  "a client is not served while others are connected",
			Expected: fmt.Sprintf("client %d of %d has back what it has said", i+1, many),
			Seen:     fmt.Sprintf("%q, %v", got, err),
			Read:     "lab03_keepalive/TestKeepaliveGivesHalfOpenConnectionsBack",
		})
	}
	s.g.Step("another says more; then the first reads all that it has said")
	f := echo(s.dial(), grading.Bytes(64<<10), true)
	s.g.Expect(f.Mistake == "", f)
	f = hear(deaf, all, said)
	s.g.Expect(f.Mistake == "", f)
	for _, client := range others {
		client.SetLinger(0)
		client.Close()
	}
}

// givesUpWhoLeaves: clients end their connections, each in its way.
func (s *serving) givesUpWhoLeaves() {
	s.g.T().Helper()
	leaving, staying := s.clients(3), s.clients(1)
	before := len(staying)
	s.g.Step("three clients leave: one closes, one ends its side, one resets its connection")
	require.NoError(s.g.T(), leaving[0].Close())
	require.NoError(s.g.T(), leaving[1].CloseWrite())
	require.NoError(s.g.T(), leaving[2].SetLinger(0))
	require.NoError(s.g.T(), leaving[2].Close())
	held := s.awaitHeld(before, grading.Patience)
	s.g.Expect(held <= before, grading.Finding{
		Sentence: "hangs-up",
		Mistake:  "a connection that its client has ended is not closed",
		Expected: "their descriptors are given back at once",
		Seen:     fmt.Sprintf("%s, for %s", story.Count(held, "descriptor"), story.Count(before, "client")),
		Read:     "lab03_keepalive/TestKilledProcessNeedsNoKeepalive",
	})
	require.NoError(s.g.T(), staying[0].Close())
}

// outOfDescriptors: for a while accept fails.
func (s *serving) outOfDescriptors() {
	s.g.T().Helper()
	// A loop that pauses computes for a few milliseconds meanwhile. One that does not takes what the machine has left.
	const a, little = 400 * time.Millisecond, 30 * time.Millisecond
	s.goesOn("before its listener is closed")
	s.g.Step("the server's process can have no more descriptors, for %v, and two clients come", a)
	var was uint64
	s.g.Prepare("the limit", func() { was = limitDescriptors.On(s.g, 0) })
	computed := s.computed()
	late := []*net.TCPConn{s.dial(), s.dial()}
	returned := false
	select {
	case <-s.Returned():
		returned = true
	case <-time.After(a):
	}
	computed = s.computed() - computed
	s.g.Prepare("the limit", func() { limitDescriptors.On(s.g, was) })
	f := grading.Finding{
		Sentence: "goes-on",
		Mistake:  "Serve ends when accept fails",
		Expected: "it waits a moment, and accepts again, until the listener is closed",
		Seen:     fmt.Sprintf("it has returned: %v", s.err),
		Read:     "lab03_keepalive/TestKeepaliveGivesHalfOpenConnectionsBack",
	}
	s.g.Expect(!returned, f)
	f.Mistake = "Serve asks for the next client without a pause when accept fails"
	f.Seen = fmt.Sprintf("within %s the process has computed for %s", story.Duration(a), story.Duration(computed))
	s.g.Outcome(harness.Server, "computes for %v", computed)
	s.g.Expect(computed < little, f)
	for _, client := range late {
		got, err := s.ask(client)
		f.Mistake, f.Seen = "clients are not served that came while accept failed", fmt.Sprintf("%q, %v", got, err)
		s.g.Expect(err == nil, f)
		require.NoError(s.g.T(), client.Close())
	}
}

// computed is how long the student's process has computed.
func (s *serving) computed() (d time.Duration) {
	s.g.T().Helper()
	s.g.Prepare("the time", func() { d = busy.On(s.g, struct{}{}) })
	return d
}
