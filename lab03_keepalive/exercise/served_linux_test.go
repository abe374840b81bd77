package exercise_test

import (
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
		go func() { results <- echo(client, grading.Bytes(long)) }()
	}
	for range atOnce {
		f := <-results
		s.g.Expect(f.Mistake == "", f)
	}
	for _, size := range []int{1, 100, 150 << 10} {
		s.g.Step("a client says %d bytes, ends its side, and reads then", size)
		client := s.dial()
		f := s.echoThen(client, grading.Bytes(size))
		s.g.Expect(f.Mistake == "", f)
	}
}

// echo is a client that says all, and reads meanwhile. The finding has no mistake if all is well.
func echo(client *net.TCPConn, all []byte) (f grading.Finding) {
	client.SetDeadline(time.Now().Add(grading.Patience))
	said := make(chan error, 1)
	go func() { said <- say(client, all) }()
	return hear(client, all, said)
}

// echoThen is a client that says all, and reads when the server has ended the connection, or can't go on.
func (s *serving) echoThen(client *net.TCPConn, all []byte) (f grading.Finding) {
	s.g.T().Helper()
	client.SetDeadline(time.Now().Add(grading.Patience))
	said := make(chan error, 1)
	said <- say(client, all)
	s.awaitStandstill(client, grading.Patience/2)
	return hear(client, all, said)
}

// say is a client that says all, and ends its side.
func say(client *net.TCPConn, all []byte) error {
	_, err := client.Write(all)
	if err == nil {
		err = client.CloseWrite()
	}
	return err
}

// awaitStandstill waits until the server has answered and goes on no more, or has ended the connection. The client does
// not read.
func (s *serving) awaitStandstill(client *net.TCPConn, limit time.Duration) {
	s.g.T().Helper()
	const still = 50 * time.Millisecond
	begun := time.Now()
	kernel.AwaitTCPInfo(s.g.Experiment, harness.Client, client, func(i kernel.TCPInfo) bool {
		isOpen := i.State == kernel.Established || i.State == kernel.FinWait1 || i.State == kernel.FinWait2
		return !isOpen || i.DataSegmentsIn > 0 && i.LastReceived > still || time.Since(begun) > limit
	})
}

// deaf is a client that says more than the kernels hold, and does not read.
func (s *serving) deaf() (client *net.TCPConn, all []byte, said <-chan error) {
	s.g.T().Helper()
	client, all = s.dial(), grading.Bytes(17<<20)
	require.NoError(s.g.T(), client.SetReadBuffer(64<<10))
	require.NoError(s.g.T(), client.SetDeadline(time.Now().Add(3*grading.Patience)))
	over := make(chan error, 1)
	go func() { over <- say(client, all) }()
	s.awaitStandstill(client, grading.Patience)
	return client, all, over
}

// deafOnes are clients that say more than the server's kernel holds of the echo, and do not read.
func (s *serving) deafOnes(n int) (clients []*net.TCPConn) {
	s.g.T().Helper()
	for range n {
		client := s.dial()
		require.NoError(s.g.T(), client.SetReadBuffer(64<<10))
		require.NoError(s.g.T(), client.SetDeadline(time.Now().Add(3*grading.Patience)))
		go say(client, make([]byte, 8<<20))
		clients = append(clients, client)
	}
	until := time.Now().Add(time.Second) // for all: it need not be the standstill
	for _, client := range clients {
		s.awaitStandstill(client, time.Until(until))
	}
	return clients
}

// deafLater is a client of which the server has read all, and the echo waits in the server's kernel.
func (s *serving) deafLater() *net.TCPConn {
	s.g.T().Helper()
	client := s.dial()
	require.NoError(s.g.T(), client.SetReadBuffer(4<<10))
	_, err := client.Write(grading.Bytes(96 << 10)) // more than the client's kernel holds, and less than both do
	require.NoError(s.g.T(), err)
	s.awaitStandstill(client, grading.Patience)
	return client
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
		Read:     "lab03_keepalive/TestKeepaliveFreesHalfOpenConnections",
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
	const some, many = 8, 300
	s.g.Step("%d clients say a lot and do not read; as many others say more than a buffer holds, and read that", some)
	deaf, all, said := s.deaf()
	others := s.deafOnes(some - 1)
	for range some {
		f := echo(s.dial(), grading.Bytes(64<<10))
		if f.Mistake != "" {
			f.Sentence, f.Mistake = "many", "a client does not get back what it has said while others do not read"
		}
		s.g.Expect(f.Mistake == "", f)
	}
	s.g.Step("%d more connect, and then each asks", many)
	var asking []*net.TCPConn
	for range many {
		asking = append(asking, s.dial())
	}
	for i, client := range slices.Backward(asking) {
		got, err := s.ask(client)
		s.g.Expect(err == nil, grading.Finding{
			Sentence: "many",
			Mistake:  "a client is not served while others are connected",
			Expected: fmt.Sprintf("client %d of %d has back what it has said", i+1, many),
			Seen:     fmt.Sprintf("%q, %v", got, err),
			Read:     "lab03_keepalive/TestKeepaliveFreesHalfOpenConnections",
		})
	}
	s.g.Step("the first reads all that it has said, when the others have left")
	for _, client := range append(others, asking...) {
		client.SetLinger(0) // what they do not read fills the memory that a small system has for TCP: tcp_mem in ip-sysctl
		client.Close()
	}
	f := hear(deaf, all, said)
	s.g.Expect(f.Mistake == "", f)
}
