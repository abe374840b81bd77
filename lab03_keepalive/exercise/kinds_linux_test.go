package exercise_test

import (
	"errors"
	"fmt"
	"net"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"socketlabs/harness"
	"socketlabs/harness/grading"
	"socketlabs/harness/kernel"
	"socketlabs/harness/link"
)

// judge lets the student's code set a connection, of which somebody else may have set options before, and looks at what
// it has set.
func (s *setter) judge(c *conn, t times) {
	s.g.T().Helper()
	s.before(c, t)
	s.check(c, t, s.set(c, t))
}

// judgeNew does so with a connection that nobody has set yet.
func (s *setter) judgeNew(c *conn, t times) {
	s.g.T().Helper()
	s.check(c, t, s.set(c, t))
}

// anyConnection sets connections of any kind: in every state, at work, several at the same time.
func (s *setter) anyConnection() {
	s.g.T().Helper()
	for _, host := range grading.Hosts() {
		s.g.Step("one of several connections between the same hosts is set; then another, and so on")
		s.eachAlone(connects(s.g, host, 3))
		s.eachAlone(accepts(s.g, host, 3))
		s.g.Step("a connection is set whose peer has ended its side, and one that is ended on this side")
		peerEnded, ended := connect(s.g, host), connect(s.g, host)
		require.NoError(s.g.T(), peerEnded.peer.CloseWrite())
		kernel.AwaitTCPInfo(s.g.Experiment, harness.Client, peerEnded.socket, func(i kernel.TCPInfo) bool { return i.State == kernel.CloseWait })
		s.judgeNew(peerEnded, s.any())
		s.g.Prepare("CloseWrite", func() { closeWrite.On(s.g, ended.Conn) })
		s.judgeNew(ended, s.any())
	}
	s.g.Step("connections are set and closed, one after the other: they have the same descriptor")
	same := s.any()
	for range 3 {
		c := connect(s.g, grading.AnyHost())
		s.judgeNew(c, same)
		require.NoError(s.g.T(), c.do("Close", net.Conn.Close))
	}
	s.g.Step("a connection is set while data is in flight: its peer has vanished")
	lost := connect(s.g, grading.AnyHost())
	link.Vanish(s.g.Experiment, lost.peer)
	lost.mustWrite(grading.Text(10))
	all := s.took
	s.took = quickest{}
	for range 3 {
		s.judgeNew(lost, s.any())
	}
	s.took.judge(s.g, s.name, s.prompt)
	s.took.see(all.took)
	s.leavesNothing(connect(s.g, grading.AnyHost()))
	s.atWork(connect(s.g, grading.AnyHost()))
	s.afterReset(connect(s.g, grading.AnyHost()))
	s.atTheSameTime()
}

// leavesNothing: when the call has returned, and the connection is open, nothing goes on.
func (s *setter) leavesNothing(c *conn) {
	s.g.T().Helper()
	s.g.Step("a connection is set, and stays open")
	before := s.g.Holdings()
	s.judgeNew(c, s.any())
	s.g.ExpectNothingLeft(before, s.name)
}

// eachAlone: while one is set, the options of the others stay as they are.
func (s *setter) eachAlone(all []*conn) {
	s.g.T().Helper()
	for i, c := range all {
		t := s.any()
		s.before(c, t)
		was := s.others(all, i)
		got := s.set(c, t)
		is := s.others(all, i)
		s.g.Expect(cmp.Equal(was, is), grading.Finding{
			Sentence: s.alone,
			Mistake:  "settings are changed that are not of this connection",
			Expected: fmt.Sprint(was),
			Seen:     cmp.Diff(was, is),
			Read:     s.read,
		})
		s.check(c, t, got)
	}
}

// others are the settings of all connections but one.
func (s *setter) others(all []*conn, but int) (are []string) {
	s.g.T().Helper()
	for i, c := range all {
		if i != but {
			are = append(are, fmt.Sprint(c.keepalive(), c.options()))
		}
	}
	return are
}

// atWork: calls of other goroutines wait on the connection, which is nothing that has to do with its options.
func (s *setter) atWork(c *conn) {
	s.g.T().Helper()
	s.g.Step("a connection is set on which a Read waits, and a Write: the peer says nothing, and does not read")
	c.setOption(unix.SOL_SOCKET, unix.SO_SNDBUF, 4<<10)
	require.NoError(s.g.T(), c.peer.SetReadBuffer(4<<10))
	read := c.read()
	var written error
	write := s.g.Go("Write", func() { _, written = s.g.Conn(c.Conn).Write(make([]byte, 1<<20)) })
	kernel.AwaitTCPInfo(s.g.Experiment, harness.Server, c.peer, func(i kernel.TCPInfo) bool { return i.DataSegmentsIn > 0 })
	s.judgeNew(c, s.any())
	f := grading.Finding{
		Sentence: s.rest,
		Mistake:  "a Read that waits for the peer is ended",
		Expected: "it waits until the peer says something",
		Read:     "lab03_keepalive/TestHungProcessLooksAlive",
	}
	_, err := c.peer.Write([]byte("!"))
	require.NoError(s.g.T(), err)
	read.Wait(0, f)
	f.Seen = fmt.Sprintf("Read: %v", read.err)
	s.g.Expect(read.err == nil, f)
	require.NoError(s.g.T(), c.peer.SetLinger(0))
	require.NoError(s.g.T(), c.peer.Close())
	f.Mistake, f.Expected = "a Write that waits for the peer is ended", "it waits until the peer has taken all, or has reset the connection"
	write.Wait(0, f)
	f.Seen = fmt.Sprintf("Write: %v", written)
	s.g.Expect(errors.Is(written, unix.ECONNRESET) || errors.Is(written, unix.EPIPE), f)
}

// afterReset: the error of a connection is for those who use it.
func (s *setter) afterReset(c *conn) {
	s.g.T().Helper()
	s.g.Step("the peer resets a connection, its options are set, and it is read then")
	require.NoError(s.g.T(), c.peer.SetLinger(0))
	require.NoError(s.g.T(), c.peer.Close())
	kernel.AwaitTCPInfo(s.g.Experiment, harness.Client, c.socket, func(i kernel.TCPInfo) bool { return i.State == kernel.Closed })
	s.set(c, s.any()) // what it says of that is its own affair
	f := grading.Finding{
		Sentence: s.rest,
		Mistake:  "the connection's error is taken away from who reads: SO_ERROR tells it once",
		Expected: "Read says that the peer has reset the connection",
		Read:     "lab03_keepalive/TestDeathIsReportedOnce",
	}
	read := c.read()
	read.Wait(0, f)
	f.Seen = fmt.Sprintf("Read: %v", read.err)
	s.g.Expect(errors.Is(read.err, unix.ECONNRESET), f)
}

// atTheSameTime: several calls, each with a time of its own.
func (s *setter) atTheSameTime() {
	s.g.T().Helper()
	const calls, rounds = 2, 100
	s.g.Step("%d connections are set at the same time, again and again", calls)
	conns := connects(s.g, grading.AnyHost(), calls)
	for range rounds {
		var all []watch
		for _, c := range conns {
			all = append(all, watch{Conn: c.Conn, Times: s.any()})
		}
		var got []watched
		s.g.Call(s.name, 0, s.stuck, func() { got = s.on.On(s.g, all) })
		for i, c := range conns {
			s.check(c, all[i].Times, got[i])
		}
	}
}

// lasting is a connection that the caller sets anew, after the student's code.
type lasting struct {
	c        *conn
	sentence string
	is       string
}

// setAnew lets the student's code set a connection, and then changes what it has set.
func (s *setter) setAnew(t times) *lasting {
	s.g.T().Helper()
	s.g.Step("a connection is set, and its owner sets something else later")
	c := connect(s.g, grading.AnyHost())
	s.judgeNew(c, t)
	s.sendsNothing(c)
	on := c.option(unix.SOL_SOCKET, unix.SO_KEEPALIVE)
	c.setKeepalive(on, 1234, 567, 89)
	c.setOption(unix.IPPROTO_TCP, unix.TCP_USER_TIMEOUT, 7_654_321)
	return &lasting{c, s.ends, fmt.Sprint(c.keepalive(), c.userTimeout())}
}

// isAsSet: nobody has come back to it.
func (l *lasting) isAsSet() {
	l.c.g.T().Helper()
	is := fmt.Sprint(l.c.keepalive(), l.c.userTimeout())
	l.c.g.Expect(is == l.is, grading.Finding{
		Sentence: l.sentence,
		Mistake:  "the options are set once more, when the call has returned long since: a timer has been left behind",
		Expected: "what the caller has set later: on, idle, interval, count and TCP_USER_TIMEOUT are " + l.is,
		Seen:     is,
		Read:     "lab03_keepalive/TestSampleOptionByOption",
	})
}
