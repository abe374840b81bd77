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

// setter grades a function that sets options of a connection: FindVanished, BoundUnacknowledged or OpenWay.
type setter struct {
	g     *grading.Grader
	name  string
	on    grading.Func[[]watch, []watched] // calls the function
	took  quickest                         // of the calls that returned no error
	last  time.Duration                    // how long the last call took
	calls int
	stuck grading.Finding

	// The names of the task's sentences about the rest of the connection, about other connections, about what the call
	// leaves running, about how soon it returns, and about its errors.
	rest, alone, ends, prompt, told string

	sets      string // the option that the function sets, apart from those of keepalive
	keepalive int    // SO_KEEPALIVE before some of the calls: the function must change it
	read      string // the experiment about these options

	any    func() times                        // random times for which there are settings
	before func(c *conn, t times)              // sets what Go or the caller may have set before
	check  func(c *conn, t times, got watched) // judges what was set

	expiring []*expiring // see keepsDeadline
}

// set calls the student's code. Meanwhile, the kernel refuses some calls.
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
		s.took.judge(s.g, s.name, s.prompt) // before many more calls take long
	}
	return got
}

// leavesRestAlone expects that the other options, the data that has arrived, and the deadlines stay as they were.
func (s *setter) leavesRestAlone(c *conn, t times) {
	s.g.T().Helper()
	s.g.Step("options are compared before and after a call; the peer has sent data before")
	sent := grading.Text(10)
	_, err := io.WriteString(c.peer, sent)
	require.NoError(s.g.T(), err)
	s.check(c, t, s.keepsOptions(c, t)) // the call must set its own options, too
	s.movesNoData(c, sent)
	c.setOddOptions()
	s.check(c, t, s.keepsOptions(c, t))
	s.leavesQuickACKOff(connect(s.g, grading.AnyHost()), t)
	timed := connect(s.g, grading.AnyHost())
	s.keepsDeadline(timed, "of "+s.name, func() { s.keepsOptions(timed, t) })
}

// movesNoData expects that the call has neither read what the peer has sent, nor written anything.
func (s *setter) movesNoData(c *conn, sent string) {
	s.g.T().Helper()
	got := make([]byte, len(sent))
	f := grading.Finding{
		Sentence: s.rest,
		Mistake:  "what the peer has sent can't be read any more",
		Expected: fmt.Sprintf("%q", sent),
		Read:     "lab03_keepalive/TestLivePeerAnswersUnseen",
	}
	var n int
	s.g.Call("Read", 0, f, func() { n, _ = io.ReadFull(s.g.Conn(c.Conn), got) })
	f.Seen = fmt.Sprintf("%q", got[:n])
	s.g.Expect(string(got) == sent, f)
	s.sendsNothing(c)
}

// sendsNothing expects that the peer has received no data.
func (s *setter) sendsNothing(c *conn) {
	s.g.T().Helper()
	segments := kernel.ReadTCPInfo(s.g.Experiment, harness.Server, c.peer).DataSegmentsIn
	s.g.Expect(segments == 0, grading.Finding{
		Sentence: s.rest,
		Mistake:  "data is sent to the peer",
		Expected: "no data: only the kernel may send probes",
		Seen:     story.Count(segments, "segment with data"),
		Read:     "lab03_keepalive/TestLivePeerAnswersUnseen",
	})
}

// keepsOptions calls the student's code, and expects that other options stay as they were.
func (s *setter) keepsOptions(c *conn, t times) watched {
	s.g.T().Helper()
	before, flags := c.options(), c.descriptorFlags()
	got := s.set(c, t)
	s.g.Expect(got.Err == nil, grading.Finding{
		Sentence: s.told,
		Mistake:  "an error is returned, although the kernel refuses nothing",
		Expected: "no error, whatever else the caller has set",
		Seen:     fmt.Sprint(got.Err.Err()),
		Read:     s.read,
	})
	s.optionsAre(c, before)
	is := c.descriptorFlags()
	s.g.Expect(is == flags, grading.Finding{
		Sentence: s.rest,
		Mistake:  "programs that the process starts later inherit the connection, or do so no longer",
		Expected: fmt.Sprintf("F_GETFD returns %d, as before the call", flags),
		Seen:     fmt.Sprint(is),
		Read:     s.read,
	})
	return got
}

// refusal is an option that the kernel refuses, and the odd value that it has before the call. Right code never sets this
// value, so a value that is still odd shows that the code has not set the option.
type refusal struct{ level, option, odd int }

// tellsErrors expects that the call returns an error when the kernel refuses an option, and when the connection is closed.
// For each option, it first finds out whether the student's code sets it, because right code need not set all of them.
func (s *setter) tellsErrors(c *conn, t times, options map[string]refusal) {
	s.g.T().Helper()
	lost := grading.Finding{
		Sentence: s.told,
		Mistake:  "an error is lost: the caller believes that all is set",
		Seen:     "no error",
		Read:     "lab03_keepalive/TestDialerHidesRefusedSettings",
	}
	before := s.g.Holdings()
	for name, o := range options {
		s.g.Step("the kernel refuses %s, with one error after the other", name)
		c.setOption(o.level, o.option, o.odd)
		if s.set(c, t); c.option(o.level, o.option) == o.odd {
			continue
		}
		for _, errno := range []syscall.Errno{
			unix.ENOPROTOOPT, unix.ENOBUFS, unix.EPERM, unix.EOPNOTSUPP, unix.EINVAL, unix.ENOMEM, unix.EBADF, unix.EMFILE,
		} {
			c.setOption(o.level, o.option, o.odd)
			was := s.unconcerned(c)
			got, took := s.setRefused(c, t, refuse.Setsockopt(o.level, o.option, errno))
			if got.Unable != "" {
				s.g.Step("this machine can't show that: %s", got.Unable)
				break
			}
			if got.Err == nil && c.option(o.level, o.option) != o.odd {
				continue // the code has set it on another thread, to which the kernel refuses nothing
			}
			took.judge(s.g, s.name, s.prompt)
			lost.Expected = fmt.Sprintf("an error in which errors.Is finds %q", errno)
			s.g.Expect(got.Err != nil, lost)
			s.isOpen(got, "when the kernel refuses an option")
			s.g.Expect(errors.Is(got.Err.Err(), errno), wrongError(lost, got))
			s.isUnconcerned(c, was, "the kernel refuses an option, and something else of the connection is changed")
		}
	}
	s.readsOptions(c, t, options, lost)
	s.g.ExpectNothingLeft(before, s.name)
	for _, o := range options {
		timed := connect(s.g, grading.AnyHost())
		refused := refuse.Setsockopt(o.level, o.option, unix.ENOBUFS)
		s.keepsDeadline(timed, "in which the kernel refuses an option", func() { s.set(timed, t, refused) })
		break
	}
	s.g.Step("%s is called with a closed connection", s.name)
	require.NoError(s.g.T(), c.do("Close", net.Conn.Close))
	lost.Expected = "an error in which errors.Is finds net.ErrClosed"
	got := s.set(c, t)
	s.g.Expect(got.Err != nil, lost)
	s.g.Expect(errors.Is(got.Err.Err(), net.ErrClosed), wrongError(lost, got))
}

// unconcerned returns what no call may change: the other options, and the state of the connection.
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

// isUnconcerned expects that what no call may change is as it was.
func (s *setter) isUnconcerned(c *conn, was map[string]string, mistake string) {
	s.g.T().Helper()
	is := s.unconcerned(c)
	s.g.Expect(cmp.Equal(was, is), grading.Finding{
		Sentence: s.rest,
		Mistake:  mistake,
		Expected: fmt.Sprint(was),
		Seen:     diff(was, is),
		Read:     s.read,
	})
}

// isOpen expects that the student's code has not closed the connection.
func (s *setter) isOpen(got watched, when string) {
	s.g.T().Helper()
	s.g.Expect(!errors.Is(got.Err.Err(), net.ErrClosed), grading.Finding{
		Sentence: s.rest,
		Mistake:  "your code closes the connection " + when,
		Expected: "the connection stays open: it is up to the caller to close it",
		Seen:     fmt.Sprint(got.Err.Err()),
		Read:     s.read,
	})
}

// wrongError says in a finding which error was returned instead of the expected one.
func wrongError(f grading.Finding, got watched) grading.Finding {
	if got.Err != nil {
		f.Mistake, f.Seen = "errors.Is does not find the cause in the error that is returned", got.Err.Type+": "+got.Err.Text
	}
	return f
}
