package exercise_test

import (
	"errors"
	"fmt"
	"net"
	"os"
	"time"

	"github.com/stretchr/testify/require"

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
