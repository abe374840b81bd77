package exercise_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"net/netip"
	"os"
	"syscall"
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
}

func connect(g *grading.Grader, host netip.Addr) *conn {
	g.T().Helper()
	listener := peer.ListenAtNoKeepalive(g.Experiment, netip.AddrPortFrom(host, 0).String())
	c := &conn{g: g, Conn: g.Dial(listener.Addr().String())}
	var err error
	c.peer, err = listener.AcceptTCP()
	require.NoError(g.T(), err)
	g.Own(c.peer)
	require.NoError(g.T(), listener.Close())
	g.Prepare("handing the connection over", func() { err = giveConn.On(g, c.Conn).Err() })
	require.NoError(g.T(), err)
	c.socket, err = g.Take()
	require.NoError(g.T(), err)
	g.Own(c.socket)
	return c
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

// The options that a connection has. Those of keepalive are looked at by themselves.
var optionNames = []struct {
	name          string
	level, option int
}{
	{"SO_SNDTIMEO", unix.SOL_SOCKET, unix.SO_SNDTIMEO},
	{"SO_RCVTIMEO", unix.SOL_SOCKET, unix.SO_RCVTIMEO},
	{"SO_REUSEADDR", unix.SOL_SOCKET, unix.SO_REUSEADDR},
	{"SO_REUSEPORT", unix.SOL_SOCKET, unix.SO_REUSEPORT},
	{"SO_OOBINLINE", unix.SOL_SOCKET, unix.SO_OOBINLINE},
	{"SO_RCVBUF", unix.SOL_SOCKET, unix.SO_RCVBUF},
	{"SO_SNDBUF", unix.SOL_SOCKET, unix.SO_SNDBUF},
	{"IP_TOS", unix.IPPROTO_IP, unix.IP_TOS},
	{"IP_TTL", unix.IPPROTO_IP, unix.IP_TTL},
	{"IPV6_TCLASS", unix.IPPROTO_IPV6, unix.IPV6_TCLASS},
	{"SO_PRIORITY", unix.SOL_SOCKET, unix.SO_PRIORITY},
	{"TCP_NODELAY", unix.IPPROTO_TCP, unix.TCP_NODELAY},
	{"TCP_CORK", unix.IPPROTO_TCP, unix.TCP_CORK},
	{"TCP_SYNCNT", unix.IPPROTO_TCP, unix.TCP_SYNCNT},
	{"TCP_LINGER2", unix.IPPROTO_TCP, unix.TCP_LINGER2},
	{"TCP_DEFER_ACCEPT", unix.IPPROTO_TCP, unix.TCP_DEFER_ACCEPT},
	{"TCP_NOTSENT_LOWAT", unix.IPPROTO_TCP, unix.TCP_NOTSENT_LOWAT},
}

// options are as the kernel has them, and whether calls on the descriptor block.
func (c *conn) options() map[string]int {
	c.g.T().Helper()
	all := make(map[string]int)
	c.onSocket(func(fd int) {
		for _, o := range optionNames {
			if value, err := unix.GetsockoptInt(fd, o.level, o.option); err == nil {
				all[o.name] = value
			}
		}
		if linger, err := unix.GetsockoptLinger(fd, unix.SOL_SOCKET, unix.SO_LINGER); err == nil {
			all["SO_LINGER"] = int(linger.Onoff * (1 + linger.Linger)) // 0: off
		}
		flags, _ := unix.FcntlInt(uintptr(fd), unix.F_GETFL, 0)
		all["O_NONBLOCK"] = flags & unix.O_NONBLOCK
	})
	return all
}

// userTimeout reads TCP_USER_TIMEOUT.
func (c *conn) userTimeout() (limit time.Duration) {
	c.g.T().Helper()
	c.onSocket(func(fd int) {
		milliseconds, err := unix.GetsockoptInt(fd, unix.IPPROTO_TCP, unix.TCP_USER_TIMEOUT)
		require.NoError(c.g.T(), err)
		limit = time.Duration(milliseconds) * time.Millisecond
	})
	return limit
}

func (c *conn) onSocket(call func(fd int)) {
	c.g.T().Helper()
	raw, err := c.socket.SyscallConn()
	require.NoError(c.g.T(), err)
	require.NoError(c.g.T(), raw.Control(func(fd uintptr) { call(int(fd)) }))
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

// anErrno is one that the kernel may refuse an option with.
func anErrno() syscall.Errno {
	return []syscall.Errno{unix.ENOPROTOOPT, unix.ENOBUFS, unix.EPERM, unix.EOPNOTSUPP}[rand.IntN(4)]
}

// quickest is how long the quickest of several calls took. One may be slow on a busy machine, and not all.
type quickest struct{ took time.Duration }

func (q *quickest) see(took time.Duration) {
	if q.took == 0 || took < q.took {
		q.took = took
	}
}

// judge looks whether all calls have waited.
func (q *quickest) judge(g *grading.Grader, name string) {
	g.T().Helper()
	const longest = 100 * time.Millisecond // for a few system calls
	g.Expect(q.took < longest, grading.Finding{
		Sentence: "at-once",
		Mistake:  "it waits",
		Expected: name + " returns at once: the kernel does the rest",
		Seen:     "the quickest of many calls took " + story.Duration(q.took),
		Read:     "lab03_keepalive/TestLivePeerAnswersUnseen",
	})
}
