package exercise_test

import (
	"errors"
	"fmt"
	"net"
	"os"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"socketlabs/harness/grading"
	"socketlabs/harness/story"
)

// expiring is a connection on which the caller has set a deadline before the call of the student's code. A Read waits for
// the deadline.
type expiring struct {
	*reading
	c        *conn
	deadline time.Duration
	until    time.Time
	after    string // which call it comes after
}

// keepsDeadline sets a deadline on a connection, and calls the student's code. judgeDeadlines judges later whether the
// deadline has stayed as it was.
func (s *setter) keepsDeadline(c *conn, after string, call func()) {
	s.g.T().Helper()
	e := &expiring{c: c, deadline: grading.Between(100*time.Millisecond, 200*time.Millisecond), after: after}
	s.g.Step("the caller sets a deadline, %v from now; then comes a call %s", e.deadline, after)
	e.until = time.Now().Add(e.deadline)
	require.NoError(s.g.T(), c.do("SetDeadline", func(conn net.Conn) error { return conn.SetDeadline(e.until) }))
	call()
	e.reading = c.read()
	s.expiring = append(s.expiring, e)
}

// judgeDeadlines waits for these deadlines, and judges them.
func (s *setter) judgeDeadlines() {
	s.g.T().Helper()
	s.g.Step("the deadlines that the caller has set have passed")
	for _, e := range s.expiring {
		f := grading.Finding{
			Sentence: s.rest,
			Mistake:  "a deadline that the caller has set does not stay as it was",
			Expected: fmt.Sprintf("Read times out at the deadline, %s after it was set, also after a call %s",
				story.Duration(e.deadline), e.after),
			Read: "lab01_timeout/TestTimeoutIsNoVerdictOnPeer",
		}
		e.Wait(time.Until(e.until), f)
		f.Seen = fmt.Sprintf("Read: %v", e.err)
		s.g.Expect(errors.Is(e.err, os.ErrDeadlineExceeded) && e.took >= e.until.Sub(e.begun), f)
		err := e.c.write("?")
		f.Expected, f.Seen = "Write times out, too", fmt.Sprintf("Write: %v", err)
		s.g.Expect(errors.Is(err, os.ErrDeadlineExceeded), f)
	}
}

// lasting is a connection whose options the caller sets anew after the call of the student's code.
type lasting struct {
	*setter
	c  *conn
	is string
}

// setAnew calls the student's code with a connection, and then changes what it has set.
func (s *setter) setAnew(t times) *lasting {
	s.g.T().Helper()
	s.g.Prepare("stopping the garbage collector", func() { keepGarbage.On(s.g, struct{}{}) })
	s.g.Step("%s is called; later, the caller sets the same options to other values", s.name)
	c := connect(s.g, grading.AnyHost())
	s.judgeNew(c, t)
	s.sendsNothing(c)
	on := c.option(unix.SOL_SOCKET, unix.SO_KEEPALIVE)
	c.setKeepalive(on, 1234, 567, 89)
	c.setOption(unix.IPPROTO_TCP, unix.TCP_USER_TIMEOUT, 7_654_321)
	return &lasting{s, c, fmt.Sprint(c.keepalive(), c.userTimeout())}
}

// isAsSet expects that the options are still as the caller has set them, and that the connection outlives a garbage collection.
func (l *lasting) isAsSet() {
	l.c.g.T().Helper()
	is := fmt.Sprint(l.c.keepalive(), l.c.userTimeout())
	l.c.g.Expect(is == l.is, grading.Finding{
		Sentence: l.ends,
		Mistake:  "the options are set once more, long after the call has returned: it has left a timer behind",
		Expected: "what the caller has set later: on, idle, interval, count and TCP_USER_TIMEOUT are " + l.is,
		Seen:     is,
		Read:     "lab03_keepalive/TestSampleOptionByOption",
	})
	l.outlivesGarbage(l.c)
}

// setsAgain calls the student's code several times with the same connection and the same times. Between two calls, the
// caller changes one of the options, so the code must set it again.
func (s *setter) setsAgain(c *conn) {
	s.g.T().Helper()
	s.g.Step("%s is called several times with the same times; between two calls, the caller changes one option", s.name)
	t := s.any()
	s.judgeNew(c, t)
	for _, o := range []refusal{
		{unix.SOL_SOCKET, unix.SO_KEEPALIVE, 1 - c.option(unix.SOL_SOCKET, unix.SO_KEEPALIVE)},
		{unix.IPPROTO_TCP, unix.TCP_KEEPIDLE, 32767},
		{unix.IPPROTO_TCP, unix.TCP_KEEPINTVL, 32767},
		{unix.IPPROTO_TCP, unix.TCP_KEEPCNT, 1},
		{unix.IPPROTO_TCP, unix.TCP_USER_TIMEOUT, 1},
	} {
		c.setOption(o.level, o.option, o.odd)
		c.before = c.userTimeout()
		was := c.options()
		s.judgeNew(c, t)
		s.optionsAre(c, was)
	}
}
