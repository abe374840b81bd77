package exercise_test

import (
	"bytes"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"slices"
	"time"

	"github.com/stretchr/testify/require"

	"socketlabs/harness"
	"socketlabs/harness/grading"
	"socketlabs/harness/kernel"
	"socketlabs/harness/story"
)

// echoes expects that clients get back what they send.
func (s *serving) echoes() {
	s.g.T().Helper()
	const atOnce, long = 3, 1 << 20
	s.g.Step("%d clients at a time send %d MiB each, and read the echo", atOnce, long>>20)
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
		s.g.Step("a client sends %s and its FIN, and reads only then", story.Count(size, "byte"))
		client := s.dial()
		f := s.echoThen(client, grading.Bytes(size))
		s.g.Expect(f.Mistake == "", f)
	}
	s.talks()
}

// talks expects that a client gets back at once whatever it sends, however often: any single byte, and blocks that may just
// fill a buffer.
func (s *serving) talks() {
	s.g.T().Helper()
	const values, times, shortest, longest = 256, 5, 128, 64 << 10
	s.g.Step("a client sends each of the %d values of a byte alone, %d times, and waits for the echo; then blocks of %d bytes to %d KiB",
		values, times, shortest, longest>>10)
	client := s.dial()
	var blocks [][]byte
	for _, value := range rand.Perm(values * times) {
		blocks = append(blocks, []byte{byte(value)})
	}
	for size := shortest; size <= longest; size *= 2 {
		blocks = append(blocks, grading.Bytes(size))
	}
	for _, block := range blocks {
		client.SetDeadline(time.Now().Add(grading.Patience))
		_, err := client.Write(block)
		got := make([]byte, len(block))
		n := 0
		if err == nil {
			n, err = io.ReadFull(client, got)
		}
		s.g.Expect(err == nil && bytes.Equal(got, block), grading.Finding{
			Sentence: "echo",
			Mistake:  "a client that goes on after the echo does not get back all that it has sent",
			Expected: fmt.Sprintf("%s, beginning with %#x, before the client sends more", story.Count(len(block), "byte"), block[:1]),
			Seen:     fmt.Sprintf("%s; error: %v", story.Count(n, "byte"), err),
			Read:     "lab03_keepalive/TestKeepaliveFreesHalfOpenConnections",
		})
	}
	require.NoError(s.g.T(), client.Close())
}

// echo sends all from a client, and reads the echo meanwhile. If the echo is right, the finding has no Mistake.
func echo(client *net.TCPConn, all []byte) (f grading.Finding) {
	sent := make(chan error, 1)
	go func() { sent <- send(client, all) }()
	return readEcho(client, all, sent)
}

// echoThen sends all from a client, which reads only when the server has ended the connection, or sends nothing more.
func (s *serving) echoThen(client *net.TCPConn, all []byte) (f grading.Finding) {
	s.g.T().Helper()
	client.SetDeadline(time.Now().Add(grading.Patience))
	sent := make(chan error, 1)
	sent <- send(client, all)
	s.awaitStandstill(client, grading.Patience/2)
	return readEcho(client, all, sent)
}

// send sends all from a client, and then its FIN.
func send(client *net.TCPConn, all []byte) error {
	_, err := client.Write(all)
	if err == nil {
		err = client.CloseWrite()
	}
	return err
}

// awaitStandstill waits until the server has sent something, and then nothing for a moment, or has ended the connection.
// The client does not read.
func (s *serving) awaitStandstill(client *net.TCPConn, limit time.Duration) {
	s.g.T().Helper()
	const still = 50 * time.Millisecond
	begun := time.Now()
	kernel.AwaitTCPInfo(s.g.Experiment, harness.Client, client, func(i kernel.TCPInfo) bool {
		isOpen := i.State == kernel.Established || i.State == kernel.FinWait1 || i.State == kernel.FinWait2
		return !isOpen || i.DataSegmentsIn > 0 && i.LastReceived > still || time.Since(begun) > limit
	})
}

// stalled connects a client that sends more than the buffers of both kernels hold, and does not read.
func (s *serving) stalled() (client *net.TCPConn, all []byte, sent <-chan error) {
	s.g.T().Helper()
	client, all = s.dial(), grading.Bytes(17<<20)
	require.NoError(s.g.T(), client.SetReadBuffer(64<<10))
	over := make(chan error, 1)
	go func() { over <- send(client, all) }()
	s.awaitStandstill(client, grading.Patience)
	return client, all, over
}

// manyStalled connects clients that send more than the server's kernel can hold of the echo, and do not read.
func (s *serving) manyStalled(n int) (clients []*net.TCPConn) {
	s.g.T().Helper()
	for range n {
		client := s.dial()
		require.NoError(s.g.T(), client.SetReadBuffer(64<<10))
		go send(client, make([]byte, 8<<20))
		clients = append(clients, client)
	}
	until := time.Now().Add(time.Second) // for all: some may not have come to a standstill then
	for _, client := range clients {
		s.awaitStandstill(client, time.Until(until))
	}
	return clients
}

// stalledEcho connects a client that does not read. The server has read all that the client has sent, and a part of the
// echo waits in the server's kernel.
func (s *serving) stalledEcho() *net.TCPConn {
	s.g.T().Helper()
	client := s.dial()
	require.NoError(s.g.T(), client.SetReadBuffer(4<<10))
	_, err := client.Write(grading.Bytes(96 << 10)) // more than the client's kernel can hold, and less than both kernels can
	require.NoError(s.g.T(), err)
	s.awaitStandstill(client, grading.Patience)
	return client
}

// readEcho reads the echo of all, and then the end of the connection. If the echo is right, the finding has no Mistake;
// if not, it also says how the client's writes ended, which comes from sent.
func readEcho(client *net.TCPConn, all []byte, sent <-chan error) (f grading.Finding) {
	client.SetDeadline(time.Now().Add(3 * grading.Patience)) // the client may have connected long ago
	got := make([]byte, len(all))
	n, err := io.ReadFull(client, got)
	same := 0
	for same < n && got[same] == all[same] {
		same++
	}
	f = grading.Finding{
		Sentence: "echo",
		Mistake:  "a client does not get back what it has sent",
		Expected: story.Count(len(all), "byte"),
		Seen:     fmt.Sprintf("%s, of which the first %d are right; error: %v", story.Count(n, "byte"), same, err),
		Read:     "lab03_keepalive/TestKeepaliveFreesHalfOpenConnections",
	}
	if err != nil || same < len(all) {
		client.Close()
		f.Seen += fmt.Sprintf("; the client's writes: %v", <-sent)
		return f
	}
	if more, err := io.ReadAll(client); err != nil || len(more) > 0 {
		return grading.Finding{
			Sentence: "hangs-up",
			Mistake:  "a client has sent its FIN and has got all of its echo, and its connection is not closed",
			Expected: "the end of the connection",
			Seen:     fmt.Sprintf("%s more; error: %v", story.Count(len(more), "byte"), err),
			Read:     f.Read,
		}
	}
	return grading.Finding{}
}

// servesMany expects that no client waits for another: not for clients that do not read, nor for many others.
func (s *serving) servesMany() {
	s.g.T().Helper()
	const some, many = 8, 300
	s.g.Step("%d clients send a lot and do not read, one more sends its FIN and does not read; then %d send more than a buffer holds, "+
		"and read the echo", some, some)
	stalled, all, sent := s.stalled()
	others := append(s.manyStalled(some-1), s.stalledEcho())
	require.NoError(s.g.T(), others[some-1].CloseWrite()) // all of the echo waits in the server's kernel
	for range some {
		f := echo(s.dial(), grading.Bytes(64<<10))
		if f.Mistake != "" {
			f.Sentence, f.Mistake = "many", "a client does not get back what it has sent while others do not read"
		}
		s.g.Expect(f.Mistake == "", f)
	}
	s.g.Step("%d more connect, and then each sends a request", many)
	var asking []*net.TCPConn
	for range many {
		asking = append(asking, s.dial())
	}
	for i, client := range slices.Backward(asking) {
		got, err := s.ask(client)
		s.g.Expect(err == nil, grading.Finding{
			Sentence: "many",
			Mistake:  "a client is not served while others are connected",
			Expected: fmt.Sprintf("client %d of %d gets back what it has sent", i+1, many),
			Seen:     fmt.Sprintf("%q, %v", got, err),
			Read:     "lab03_keepalive/TestKeepaliveFreesHalfOpenConnections",
		})
	}
	for _, client := range []*net.TCPConn{asking[rand.N(many)], asking[many-1]} {
		s.judgeSettings(client.LocalAddr().String())
	}
	s.g.Step("the other clients leave, and the first reads all of its echo")
	for _, client := range append(others, asking...) {
		client.SetLinger(0) // what they do not read fills the memory that a small system has for TCP: tcp_mem in ip-sysctl
		client.Close()
	}
	f := readEcho(stalled, all, sent)
	s.g.Expect(f.Mistake == "", f)
}
