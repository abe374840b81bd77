package exercise_test

import (
	"errors"
	"fmt"
	"io"
	"net"
	"syscall"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"socketlabs/harness"
	"socketlabs/harness/grading"
	"socketlabs/harness/kernel"
	"socketlabs/harness/refuse"
	"socketlabs/harness/story"
)

// setter is the student's code that sets options.
type setter struct {
	g     *grading.Grader
	name  string
	on    grading.Func[[]watch, []watched]
	took  quickest      // of the calls that the kernel has not refused
	last  time.Duration // of the last call
	calls int
	stuck grading.Finding

	// The sentences on the rest of the connection, on others, on what goes on, on calls that wait, on errors.
	rest, alone, ends, prompt, told string

	sets string // the option that it sets beside those of keepalive
	read string // where to read of its options

	any    func() times                        // some that can be set
	before func(c *conn, t times)              // sets what somebody else may have set before
	check  func(c *conn, t times, got watched) // looks at what was set

	expiring []*expiring // connections with a deadline
}

// set lets the student's code set the options of a connection, while the kernel refuses some.
func (s *setter) set(c *conn, t times, refused ...refuse.Call) (got watched) {
	s.g.T().Helper()
	s.g.Call(s.name, 0, s.stuck, func() {
		begun := time.Now()
		got = s.on.On(s.g, []watch{{c.Conn, t, refused}})[0]
		s.last = time.Since(begun)
		if got.Err == nil && got.Unable == "" {
			s.took.see(s.last)
		}
	})
	if s.calls++; s.calls == 3 {
		s.took.judge(s.g, s.name, s.prompt) // before many more of them wait
	}
	return got
}

// leavesRestAlone: what the caller has set stays.
func (s *setter) leavesRestAlone(c *conn, t times) {
	s.g.T().Helper()
	s.g.Step("options are compared, before and after; meanwhile the peer has said something")
	word := grading.Text(10)
	_, err := io.WriteString(c.peer, word)
	require.NoError(s.g.T(), err)
	s.check(c, t, s.keepsOptions(c, t)) // it sets what is its own, too
	s.saysNothing(c, word)
	c.onSocket(func(fd int) { // nothing of this is as it is by default
		linger := unix.Linger{Onoff: 1, Linger: 7}
		require.NoError(s.g.T(), errors.Join(
			unix.SetsockoptInt(fd, unix.IPPROTO_TCP, unix.TCP_NODELAY, 0),
			unix.SetsockoptInt(fd, unix.IPPROTO_TCP, unix.TCP_USER_TIMEOUT, 77_000),
			unix.SetsockoptInt(fd, unix.IPPROTO_TCP, unix.TCP_LINGER2, 9),
			unix.SetsockoptInt(fd, unix.IPPROTO_TCP, unix.TCP_SYNCNT, 3),
			unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_PRIORITY, 2),
			unix.SetsockoptLinger(fd, unix.SOL_SOCKET, unix.SO_LINGER, &linger),
		))
	})
	s.keepsOptions(c, t)
	timed := connect(s.g, grading.AnyHost())
	s.keepsDeadline(timed, "that sets it", func() { s.keepsOptions(timed, t) })
}

// saysNothing: nothing was read or written.
func (s *setter) saysNothing(c *conn, word string) {
	s.g.T().Helper()
	got := make([]byte, len(word))
	f := grading.Finding{
		Sentence: s.rest,
		Mistake:  "what the peer has said can't be read any more",
		Expected: fmt.Sprintf("%q", word),
		Read:     "lab03_keepalive/TestLivePeerAnswersUnseen",
	}
	var n int
	s.g.Call("Read", 0, f, func() { n, _ = io.ReadFull(s.g.Conn(c.Conn), got) })
	f.Seen = fmt.Sprintf("%q", got[:n])
	s.g.Expect(string(got) == word, f)
	s.sendsNothing(c)
}

// sendsNothing: the peer has got no data.
func (s *setter) sendsNothing(c *conn) {
	s.g.T().Helper()
	said := kernel.ReadTCPInfo(s.g.Experiment, harness.Server, c.peer).DataSegmentsIn
	s.g.Expect(said == 0, grading.Finding{
		Sentence: s.rest,
		Mistake:  "something is said to the peer",
		Expected: "the kernel probes it, and nobody else",
		Seen:     story.Count(said, "segment with data"),
		Read:     "lab03_keepalive/TestLivePeerAnswersUnseen",
	})
}

func (s *setter) keepsOptions(c *conn, t times) watched {
	s.g.T().Helper()
	before := c.options()
	got := s.set(c, t)
	s.g.Expect(got.Err == nil, grading.Finding{
		Sentence: s.told,
		Mistake:  "an error is returned, and the kernel refuses nothing",
		Expected: "no error, whatever else the caller has set",
		Seen:     fmt.Sprint(got.Err.Err()),
		Read:     s.read,
	})
	after := c.options()
	delete(before, s.sets)
	delete(after, s.sets)
	f := grading.Finding{
		Sentence: s.rest,
		Mistake:  "options are changed that have nothing to do with it",
		Expected: fmt.Sprint(before),
		Seen:     cmp.Diff(before, after),
		Read:     "lab03_keepalive/TestSampleOptionByOption",
	}
	if before["O_NONBLOCK"] != after["O_NONBLOCK"] {
		f.Mistake = "calls on the connection block from now on, and no deadline ends them: File and Fd have done that"
		f.Read = "lab01_timeout/TestDescriptorOfFileEndsDeadlines"
	}
	s.g.Expect(cmp.Equal(before, after), f)
	return got
}

// refusal is an option that the kernel refuses, and a value that it has before, which no right call sets.
type refusal struct{ level, option, odd int }

// tellsErrors: a connection that is closed can't be set, and the kernel may refuse an option. It looks first whether the
// student's code sets the option at all: it need not set each.
func (s *setter) tellsErrors(c *conn, t times, options map[string]refusal) {
	s.g.T().Helper()
	lost := grading.Finding{
		Sentence: s.told,
		Mistake:  "an error is lost: the caller believes that all is set",
		Seen:     "no error",
		Read:     "lab03_keepalive/TestDialerHidesRefusedSettings",
	}
	for name, o := range options {
		s.g.Step("the kernel refuses %s, for one reason or another", name)
		c.setOption(o.level, o.option, o.odd)
		if s.set(c, t); c.option(o.level, o.option) == o.odd {
			continue
		}
		var took quickest
		for i, errno := range []syscall.Errno{
			unix.ENOPROTOOPT, unix.ENOBUFS, unix.EPERM, unix.EOPNOTSUPP, unix.EINVAL, unix.ENOMEM, unix.EBADF, unix.EMFILE,
		} {
			c.setOption(o.level, o.option, o.odd)
			was := s.unconcerned(c)
			got := s.set(c, t, refuse.Setsockopt(o.level, o.option, errno))
			if got.Unable != "" {
				s.g.Step("that can't be shown here: %s", got.Unable)
				break
			}
			if got.Err == nil && c.option(o.level, o.option) != o.odd {
				continue // it was set on another thread than that of the call, which the kernel does not refuse it
			}
			if took.see(s.last); i == 2 {
				took.judge(s.g, s.name, s.prompt)
			}
			lost.Expected = fmt.Sprintf("an error by which errors.Is finds %q", errno)
			s.g.Expect(got.Err != nil, lost)
			s.isOpen(got, "when the kernel refuses an option")
			s.g.Expect(errors.Is(got.Err.Err(), errno), notSaid(lost, got))
			s.isUnconcerned(c, was, "the kernel refuses an option, and something else of the connection is changed then")
		}
	}
	for _, o := range options {
		timed := connect(s.g, grading.AnyHost())
		s.keepsDeadline(timed, "that the kernel refuses", func() { s.set(timed, t, refuse.Setsockopt(o.level, o.option, unix.ENOBUFS)) })
		break
	}
	s.g.Step("the connection is closed already")
	require.NoError(s.g.T(), c.do("Close", net.Conn.Close))
	lost.Expected = "an error by which errors.Is finds net.ErrClosed"
	got := s.set(c, t)
	s.g.Expect(got.Err != nil, lost)
	s.g.Expect(errors.Is(got.Err.Err(), net.ErrClosed), notSaid(lost, got))
}

// unconcerned is what no call changes: the other options, and the state of the connection.
func (s *setter) unconcerned(c *conn) map[string]string {
	s.g.T().Helper()
	is := map[string]string{"state": fmt.Sprint(kernel.ReadTCPInfo(s.g.Experiment, harness.Client, c.socket).State)}
	for name, value := range c.options() {
		if name != s.sets {
			is[name] = fmt.Sprint(value)
		}
	}
	return is
}

// isUnconcerned: what no call changes is as it was.
func (s *setter) isUnconcerned(c *conn, was map[string]string, mistake string) {
	s.g.T().Helper()
	is := s.unconcerned(c)
	s.g.Expect(cmp.Equal(was, is), grading.Finding{
		Sentence: s.rest,
		Mistake:  mistake,
		Expected: fmt.Sprint(was),
		Seen:     cmp.Diff(was, is),
		Read:     s.read,
	})
}

// isOpen: the student's code has not closed a connection.
func (s *setter) isOpen(got watched, when string) {
	s.g.T().Helper()
	s.g.Expect(!errors.Is(got.Err.Err(), net.ErrClosed), grading.Finding{
		Sentence: s.rest,
		Mistake:  "your code closes the connection " + when,
		Expected: "the connection stays open, and its settings are the caller's affair",
		Seen:     fmt.Sprint(got.Err.Err()),
		Read:     s.read,
	})
}

func notSaid(f grading.Finding, got watched) grading.Finding {
	if got.Err != nil {
		f.Mistake, f.Seen = "the error does not say what is wrong", got.Err.Type+": "+got.Err.Text
	}
	return f
}
