package exercise_test

import (
	"errors"
	"fmt"
	"io"
	"net"
	"os"
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

// setter is the student's code that sets options: FindVanished or BoundUnacknowledged.
type setter struct {
	g     *grading.Grader
	name  string
	on    grading.Func[watch, watched]
	took  quickest
	stuck grading.Finding
}

// set lets the student's code set the options of a connection, while the kernel refuses some.
func (s *setter) set(c *conn, within time.Duration, refused ...refuse.Call) (got watched) {
	s.g.T().Helper()
	s.g.Call(s.name, 0, s.stuck, func() {
		begun := time.Now()
		got = s.on.On(s.g, watch{c.Conn, within, refused})
		if took := time.Since(begun); got.Err == nil && got.Unable == "" {
			s.took.see(took)
		}
	})
	return got
}

// leavesRestAlone: what the caller has set stays.
func (s *setter) leavesRestAlone(c *conn, within time.Duration) {
	s.g.T().Helper()
	s.g.Step("options are compared, before and after; meanwhile the peer has said something")
	word := grading.Text(10)
	_, err := io.WriteString(c.peer, word)
	require.NoError(s.g.T(), err)
	s.keepsOptions(c, within)
	s.saysNothing(c, word)
	c.onSocket(func(fd int) { // nothing of this is as it is by default
		linger := unix.Linger{Onoff: 1, Linger: 7}
		require.NoError(s.g.T(), errors.Join(
			unix.SetsockoptInt(fd, unix.IPPROTO_TCP, unix.TCP_NODELAY, 0),
			unix.SetsockoptInt(fd, unix.IPPROTO_TCP, unix.TCP_LINGER2, 9),
			unix.SetsockoptInt(fd, unix.IPPROTO_TCP, unix.TCP_SYNCNT, 3),
			unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_PRIORITY, 2),
			unix.SetsockoptLinger(fd, unix.SOL_SOCKET, unix.SO_LINGER, &linger),
		))
	})
	s.keepsOptions(c, within)

	deadline := grading.Between(100*time.Millisecond, 200*time.Millisecond)
	s.g.Step("the caller has set a deadline, %v from now", deadline)
	until := time.Now().Add(deadline)
	require.NoError(s.g.T(), c.do("SetDeadline", func(conn net.Conn) error { return conn.SetDeadline(until) }))
	s.keepsOptions(c, within)
	f := grading.Finding{
		Sentence: "nothing-else",
		Mistake:  "a deadline of the caller's does not stay",
		Expected: fmt.Sprintf("Read times out when the deadline is over, %s after it was set", story.Duration(deadline)),
		Read:     "lab01_timeout/TestTimeoutIsNoVerdictOnPeer",
	}
	read := c.read()
	read.Wait(deadline, f)
	f.Seen = fmt.Sprintf("Read: %v", read.err)
	s.g.Expect(errors.Is(read.err, os.ErrDeadlineExceeded) && !time.Now().Before(until), f)
	err = c.write("?")
	f.Expected, f.Seen = "Write times out, too", fmt.Sprintf("Write: %v", err)
	s.g.Expect(errors.Is(err, os.ErrDeadlineExceeded), f)
}

// saysNothing: nothing was read or written.
func (s *setter) saysNothing(c *conn, word string) {
	s.g.T().Helper()
	got := make([]byte, len(word))
	f := grading.Finding{
		Sentence: "nothing-else",
		Mistake:  "what the peer has said can't be read any more",
		Expected: fmt.Sprintf("%q", word),
		Read:     "lab03_keepalive/TestLivePeerAnswersUnseen",
	}
	var n int
	s.g.Call("Read", 0, f, func() { n, _ = io.ReadFull(s.g.Conn(c.Conn), got) })
	f.Seen = fmt.Sprintf("%q", got[:n])
	s.g.Expect(string(got) == word, f)
	said := kernel.ReadTCPInfo(s.g.Experiment, harness.Server, c.peer).DataSegmentsIn
	f.Mistake, f.Expected, f.Seen = "something is said to the peer", "the kernel probes it, and nobody else", story.Count(said, "segment with data")
	s.g.Expect(said == 0, f)
}

func (s *setter) keepsOptions(c *conn, within time.Duration) {
	s.g.T().Helper()
	before := c.options()
	got := s.set(c, within)
	require.NoError(s.g.T(), got.Err.Err())
	after := c.options()
	f := grading.Finding{
		Sentence: "nothing-else",
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
}

// tellsErrors: a connection that is closed can't be set, and the kernel may refuse an option.
func (s *setter) tellsErrors(c *conn, within time.Duration, options map[string][2]int) {
	s.g.T().Helper()
	lost := grading.Finding{
		Sentence: "kernel-error",
		Mistake:  "an error is lost: the caller believes that all is set",
		Seen:     "no error",
		Read:     "lab03_keepalive/TestDialerHidesRefusedSettings",
	}
	for name, option := range options {
		errno := anErrno()
		s.g.Step("the kernel refuses %s: %v", name, errno)
		got := s.set(c, within, refuse.Setsockopt(option[0], option[1], errno))
		if got.Unable != "" {
			s.g.Step("that can't be shown here: %s", got.Unable)
			break
		}
		lost.Expected = fmt.Sprintf("an error by which errors.Is finds %q", errno)
		s.g.Expect(got.Err != nil, lost)
		s.tells(got, errno, lost)
	}
	s.g.Step("the connection is closed already")
	require.NoError(s.g.T(), c.do("Close", net.Conn.Close))
	lost.Expected = "an error by which errors.Is finds net.ErrClosed"
	got := s.set(c, within)
	s.g.Expect(got.Err != nil, lost)
	lost.Mistake, lost.Seen = "the error does not say what is wrong", got.Err.Type+": "+got.Err.Text
	s.g.Expect(errors.Is(got.Err.Err(), net.ErrClosed), lost)
}

func (s *setter) tells(got watched, errno syscall.Errno, f grading.Finding) {
	s.g.T().Helper()
	f.Mistake, f.Seen = "the error does not say what is wrong", got.Err.Type+": "+got.Err.Text
	s.g.Expect(errors.Is(got.Err.Err(), errno), f)
}
