package exercise_test

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"socketlabs/harness/grading"
	"socketlabs/harness/peer"
	"socketlabs/harness/story"
)

// conn is a connection of the student's process. The grader has the other end, and a copy of the descriptor, with which it
// reads and sets options.
type conn struct {
	grading.Conn
	g      *grading.Grader
	socket *os.File
	peer   *net.TCPConn
	before time.Duration // the TCP_USER_TIMEOUT that the grader has set last
}

func connect(g *grading.Grader, host netip.Addr) *conn {
	g.T().Helper()
	return connectMany(g, host, 1)[0]
}

// connectMany makes n connections from the student's process to one server.
func connectMany(g *grading.Grader, host netip.Addr, n int) (all []*conn) {
	g.T().Helper()
	listener := peer.ListenAtNoKeepalive(g.Experiment, netip.AddrPortFrom(host, 0).String())
	for range n {
		c := &conn{g: g, Conn: g.Dial(listener.Addr().String())}
		var err error
		c.peer, err = listener.AcceptTCP()
		require.NoError(g.T(), err)
		all = append(all, c.shared())
	}
	require.NoError(g.T(), listener.Close())
	return all
}

// acceptMany makes n connections from the grader to one listener of the student's process. In that process, they have the
// same local address.
func acceptMany(g *grading.Grader, host netip.Addr, n int) (all []*conn) {
	g.T().Helper()
	var at place
	g.Prepare("a listener", func() {
		at = listen.On(g, whereToListen{Address: netip.AddrPortFrom(host, 0).String(), Keepalive: none})
	})
	require.NoError(g.T(), at.Err.Err())
	dialer := net.Dialer{KeepAlive: -1, Timeout: grading.Patience}
	for range n {
		client, err := dialer.DialContext(g.T().Context(), "tcp", at.Address)
		require.NoError(g.T(), err)
		var got accepted
		g.Prepare("accept", func() { got = accept.On(g, at) })
		require.NoError(g.T(), got.Err.Err())
		all = append(all, (&conn{g: g, Conn: got.Conn, peer: client.(*net.TCPConn)}).shared())
	}
	g.Prepare("closing the listener", func() { closeListener.On(g, at) })
	return all
}

// shared gives the grader a copy of the descriptor, and returns c.
func (c *conn) shared() *conn {
	c.g.T().Helper()
	c.g.Own(c.peer)
	var err error
	c.g.Prepare("handing the connection over", func() { err = giveConn.On(c.g, c.Conn).Err() })
	require.NoError(c.g.T(), err)
	c.socket, err = c.g.Take()
	require.NoError(c.g.T(), err)
	c.g.Own(c.socket)
	return c
}

// near returns the student's end of the connection, as a net.Conn that uses the grader's copy of the descriptor.
func (c *conn) near() *net.TCPConn {
	c.g.T().Helper()
	near, err := net.FileConn(c.socket)
	require.NoError(c.g.T(), err)
	c.g.Own(near)
	require.NoError(c.g.T(), near.(*net.TCPConn).SetKeepAlive(false)) // FileConn has turned it on
	return near.(*net.TCPConn)
}

// do calls a method of the connection in the student's process.
func (c *conn) do(what string, call func(net.Conn) error) (err error) {
	c.g.T().Helper()
	c.g.Prepare(what, func() { err = call(c.g.Conn(c.Conn)) })
	return err
}

func (c *conn) write(text string) error {
	c.g.T().Helper()
	return c.do("Write", func(conn net.Conn) error {
		_, err := conn.Write([]byte(text))
		return err
	})
}

// mustWrite writes in the student's process. The connection must still be open.
func (c *conn) mustWrite(text string) {
	c.g.T().Helper()
	err := c.write(text)
	c.g.Expect(err == nil, grading.Finding{
		Sentence: "kept",
		Mistake:  "nothing can be sent on the connection any more",
		Expected: "the connection stays open until the kernel ends it",
		Seen:     fmt.Sprintf("Write: %v", err),
		Read:     "lab03_keepalive/TestHungProcessLooksAlive",
	})
}

// reading is a Read on the connection in the student's process.
type reading struct {
	*grading.Running
	begun time.Time
	took  time.Duration
	err   error
}

// read starts a Read of one byte.
func (c *conn) read() *reading {
	r := &reading{begun: time.Now()}
	r.Running = c.g.Go("Read", func() {
		_, r.err = c.g.Conn(c.Conn).Read(make([]byte, 1))
		r.took = time.Since(r.begun)
	})
	return r
}

// endedBy adds to a finding the error that ended a Read.
func endedBy(err error, f grading.Finding) grading.Finding {
	f.Seen = fmt.Sprintf("Read: %v", err)
	if errors.Is(err, os.ErrDeadlineExceeded) {
		f.Mistake = "a deadline ends the read: a deadline can't distinguish a silent peer from one that has vanished"
		f.Read = "lab03_keepalive/TestHungProcessLooksAlive"
	}
	return f
}

func addressOf(at unix.Sockaddr) netip.AddrPort {
	switch a := at.(type) {
	case *unix.SockaddrInet4:
		return netip.AddrPortFrom(netip.AddrFrom4(a.Addr), uint16(a.Port))
	case *unix.SockaddrInet6:
		return netip.AddrPortFrom(netip.AddrFrom16(a.Addr), uint16(a.Port))
	}
	return netip.AddrPort{}
}

// quickest has the duration of the quickest of several calls. On a busy machine, some calls may be slow, but not all.
type quickest struct {
	took  time.Duration
	calls int
}

func (q *quickest) see(took time.Duration) {
	if q.calls == 0 || took < q.took {
		q.took = took
	}
	q.calls++
}

// atOnceAtMost is how long a few system calls take at most.
const atOnceAtMost = 100 * time.Millisecond

// judge expects that at least one of the calls has returned at once.
func (q *quickest) judge(g *grading.Grader, name, sentence string) {
	g.T().Helper()
	g.Expect(q.took < atOnceAtMost, grading.Finding{
		Sentence: sentence,
		Mistake:  "the call takes too long",
		Expected: name + " returns at once: the kernel does the rest",
		Seen:     "the quickest of several calls took " + story.Duration(q.took),
		Read:     "lab03_keepalive/TestLivePeerAnswersUnseen",
	})
}
