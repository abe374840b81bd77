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

// conn is a connection of the student's process. The grader has a copy of its descriptor, by which it sees options as
// the kernel has them, and the other end.
type conn struct {
	grading.Conn
	g      *grading.Grader
	socket *os.File
	peer   *net.TCPConn
	before time.Duration // TCP_USER_TIMEOUT, as somebody else has set it last
}

func connect(g *grading.Grader, host netip.Addr) *conn {
	g.T().Helper()
	return connects(g, host, 1)[0]
}

// connects makes connections from the student's process to one server.
func connects(g *grading.Grader, host netip.Addr, n int) (all []*conn) {
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

// accepts makes connections from one client to a listener of the student's process: there they have the same address.
func accepts(g *grading.Grader, host netip.Addr, n int) (all []*conn) {
	g.T().Helper()
	var at place
	g.Prepare("a listener", func() { at = listen.On(g, whereToListen{netip.AddrPortFrom(host, 0).String(), -1}) })
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

// shared gets a copy of the descriptor.
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

// near is the connection by the copy of its descriptor.
func (c *conn) near() *net.TCPConn {
	c.g.T().Helper()
	near, err := net.FileConn(c.socket)
	require.NoError(c.g.T(), err)
	c.g.Own(near)
	require.NoError(c.g.T(), near.(*net.TCPConn).SetKeepAlive(false)) // which FileConn has turned on
	return near.(*net.TCPConn)
}

// do calls a method of the student's connection.
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

// mustWrite writes to a peer that is there, or will be missed.
func (c *conn) mustWrite(text string) {
	c.g.T().Helper()
	err := c.write(text)
	c.g.Expect(err == nil, grading.Finding{
		Sentence: "kept",
		Mistake:  "nothing can be sent on the connection any more",
		Expected: "the kernel gives the connection up, and nobody else",
		Seen:     fmt.Sprintf("Write: %v", err),
		Read:     "lab03_keepalive/TestHungProcessLooksAlive",
	})
}

// reading is a read of the student's connection.
type reading struct {
	*grading.Running
	begun time.Time
	took  time.Duration
	err   error
}

// read begins to read a byte.
func (c *conn) read() *reading {
	r := &reading{begun: time.Now()}
	r.Running = c.g.Go("Read", func() {
		_, r.err = c.g.Conn(c.Conn).Read(make([]byte, 1))
		r.took = time.Since(r.begun)
	})
	return r
}

// endedBy completes a finding about a read with the error that ended it.
func endedBy(err error, f grading.Finding) grading.Finding {
	f.Seen = fmt.Sprintf("Read: %v", err)
	if errors.Is(err, os.ErrDeadlineExceeded) {
		f.Mistake = "a timeout ends the read: it can't distinguish a silent peer from a dead one"
		f.Read = "lab03_keepalive/TestHungProcessLooksAlive"
	}
	return f
}

func placeOf(at unix.Sockaddr) netip.AddrPort {
	switch a := at.(type) {
	case *unix.SockaddrInet4:
		return netip.AddrPortFrom(netip.AddrFrom4(a.Addr), uint16(a.Port))
	case *unix.SockaddrInet6:
		return netip.AddrPortFrom(netip.AddrFrom16(a.Addr), uint16(a.Port))
	}
	return netip.AddrPort{}
}

// quickest is how long the quickest of several calls took. One may be slow on a busy machine, and not all.
type quickest struct{ took time.Duration }

func (q *quickest) see(took time.Duration) {
	if q.took == 0 || took < q.took {
		q.took = took
	}
}

// judge looks whether all calls have waited.
func (q *quickest) judge(g *grading.Grader, name, sentence string) {
	g.T().Helper()
	const longest = 100 * time.Millisecond // for a few system calls
	g.Expect(q.took < longest, grading.Finding{
		Sentence: sentence,
		Mistake:  "it waits",
		Expected: name + " returns at once: the kernel does the rest",
		Seen:     "the quickest of several calls took " + story.Duration(q.took),
		Read:     "lab03_keepalive/TestLivePeerAnswersUnseen",
	})
}
