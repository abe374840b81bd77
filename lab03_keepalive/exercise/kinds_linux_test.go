package exercise_test

import (
	"errors"
	"fmt"
	"net"
	"strings"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"socketlabs/harness"
	"socketlabs/harness/grading"
	"socketlabs/harness/kernel"
	"socketlabs/harness/link"
	"socketlabs/harness/refuse"
)

// judge sets options of a connection, as Go or the caller may have done before. Then it calls the student's code, and judges
// what the code has set.
func (s *setter) judge(c *conn, t times) {
	s.g.T().Helper()
	s.before(c, t)
	was := c.options()
	s.check(c, t, s.set(c, t))
	s.optionsAre(c, was)
}

// judgeNew does the same, without setting options before.
func (s *setter) judgeNew(c *conn, t times) {
	s.g.T().Helper()
	s.check(c, t, s.set(c, t))
}

// anyConnection grades calls with all kinds of connections: half-closed, with data in flight, with calls that wait, reset,
// and several at the same time.
func (s *setter) anyConnection() {
	s.g.T().Helper()
	for _, host := range grading.Hosts() {
		s.g.Step("there are several connections between the same hosts; %s is called with one after the other", s.name)
		s.eachAlone(connectMany(s.g, host, 3))
		s.eachAlone(acceptMany(s.g, host, 3))
		s.g.Step("%s is called with two half-closed connections: the peer has sent its FIN, or this side has", s.name)
		peerEnded, ended := connect(s.g, host), connect(s.g, host)
		require.NoError(s.g.T(), peerEnded.peer.CloseWrite())
		kernel.AwaitTCPInfo(s.g.Experiment, harness.Client, peerEnded.socket, func(i kernel.TCPInfo) bool { return i.State == kernel.CloseWait })
		peerEnded.setOption(unix.SOL_SOCKET, unix.SO_KEEPALIVE, s.keepalive)
		s.judgeNew(peerEnded, s.any())
		s.g.Prepare("CloseWrite", func() { closeWrite.On(s.g, ended.Conn) })
		ended.setOption(unix.SOL_SOCKET, unix.SO_KEEPALIVE, s.keepalive)
		s.judgeNew(ended, s.any())
	}
	s.g.Step("%s is called with one connection after the other, and each is closed before the next: they have the same descriptor", s.name)
	same := s.any()
	for range 3 {
		c := connect(s.g, grading.AnyHost())
		s.judgeNew(c, same)
		require.NoError(s.g.T(), c.do("Close", net.Conn.Close))
	}
	s.setsAgain(connect(s.g, grading.AnyHost()))
	s.g.Step("%s is called while data is in flight: the peer has vanished", s.name)
	lost := connect(s.g, grading.AnyHost())
	lost.setOption(unix.SOL_SOCKET, unix.SO_KEEPALIVE, s.keepalive)
	link.Vanish(s.g.Experiment, lost.peer)
	lost.mustWrite(grading.Text(10))
	all := s.took
	s.took = quickest{}
	for range 3 {
		s.judgeNew(lost, s.any())
	}
	s.took.judge(s.g, s.name, s.prompt)
	s.took.see(all.took)
	s.leavesNothing(connectMany(s.g, grading.AnyHost(), 3))
	s.atWork(connect(s.g, grading.AnyHost()))
	s.afterReset("")
	s.afterReset(", while the kernel refuses all options", refuse.AnySetsockopt(unix.ENOBUFS))
	s.atTheSameTime()
}

// leavesNothing expects that nothing goes on after the call, while the connections are still open.
func (s *setter) leavesNothing(all []*conn) {
	s.g.T().Helper()
	s.g.Step("%s is called with one connection after the other, and they stay open", s.name)
	const longest = 100 * time.Millisecond // on a busy machine, for one of the calls
	var left []string
	after := 0 // so many calls, goroutines have gone on for that long
	for _, c := range all {
		before := s.g.Holdings()
		s.judgeNew(c, s.any())
		if goOn, _ := newGoroutines(s.g, before.Goroutines, longest); len(goOn) > 0 {
			left = goOn
			after++
		}
		s.g.ExpectNothingLeft(before, s.name)
	}
	s.g.Expect(after < len(all), grading.Finding{
		Sentence: s.ends,
		Mistake:  "the call has returned, and goroutines of your code go on",
		Expected: "they have ended when " + s.name + " returns: the kernel does the rest",
		Seen:     "after each of several calls, still running: " + strings.Join(left, ", "),
		Read:     "lab03_keepalive/TestLivePeerAnswersUnseen",
	})
}

// eachAlone calls the student's code with one connection after the other. The options of the others stay as they are.
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
			Mistake:  "settings other than those of this connection are changed",
			Expected: fmt.Sprint(was),
			Seen:     diff(was, is),
			Read:     s.read,
		})
		s.check(c, t, got)
	}
}

// others returns the settings of all connections but one.
func (s *setter) others(all []*conn, but int) (are []string) {
	s.g.T().Helper()
	for i, c := range all {
		if i != but {
			are = append(are, fmt.Sprint(c.keepalive(), c.options()))
		}
	}
	return are
}

// atWork expects that calls that wait on the connection go on waiting.
func (s *setter) atWork(c *conn) {
	s.g.T().Helper()
	s.g.Step("%s is called while a Read and a Write wait: the peer sends nothing, and does not read", s.name)
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
		Expected: "it waits until the peer sends something",
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

// afterReset expects that the error of a connection stays: the next Read returns it.
func (s *setter) afterReset(when string, refused ...refuse.Call) {
	s.g.T().Helper()
	s.g.Step("the peer resets a connection; %s is called%s, and then Read", s.name, when)
	c := connect(s.g, grading.AnyHost())
	require.NoError(s.g.T(), c.peer.SetLinger(0))
	require.NoError(s.g.T(), c.peer.Close())
	kernel.AwaitTCPInfo(s.g.Experiment, harness.Client, c.socket, func(i kernel.TCPInfo) bool { return i.State == kernel.Closed })
	s.set(c, s.any(), refused...) // it may return an error or not
	f := grading.Finding{
		Sentence: s.rest,
		Mistake:  "the connection's error is taken away: the kernel reports it only once, and reading SO_ERROR clears it",
		Expected: "Read fails with ECONNRESET",
		Read:     "lab03_keepalive/TestDeathIsReportedOnce",
	}
	read := c.read()
	read.Wait(0, f)
	f.Seen = fmt.Sprintf("Read: %v", read.err)
	if len(refused) > 0 && errors.Is(read.err, net.ErrClosed) {
		f.Mistake = "your code closes the connection when the kernel refuses an option"
	}
	s.g.Expect(errors.Is(read.err, unix.ECONNRESET), f)
}

// atTheSameTime makes several calls at the same time, each with its own connection and times.
func (s *setter) atTheSameTime() {
	s.g.T().Helper()
	const calls, rounds = 2, 100
	s.g.Step("%d calls at the same time, each with its own connection, %d times", calls, rounds)
	conns := connectMany(s.g, grading.AnyHost(), calls)
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
