package exercise_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"os"
	"syscall"
	"time"

	"github.com/stretchr/testify/require"

	"socketlabs/harness/grading"
	"socketlabs/harness/story"
)

// otherErrors: the connection breaks, at the beginning or after a timeout.
func otherErrors(g *grading.Grader) {
	broken := grading.Mark("the tunnel has broken down")
	for i, fails := range []struct{ with, is error }{
		{broken, broken},
		{fmt.Errorf("writing: %w", broken), broken},
		{errors.Join(io.ErrClosedPipe, broken), broken},
		{fromKernel("write", syscall.ETIMEDOUT), syscall.ETIMEDOUT},
		{fromKernel("write", syscall.EAGAIN), syscall.EAGAIN},
		{fromKernel("write", syscall.EPIPE), syscall.EPIPE},
		{fromKernel("write", syscall.EINTR), syscall.EINTR},
		{fromKernel("write", syscall.ECONNRESET), syscall.ECONNRESET},
		{fromKernel("write", syscall.ENOBUFS), syscall.ENOBUFS},
		{&net.OpError{Op: "write", Net: "tcp", Err: net.ErrClosed}, net.ErrClosed},
		{fmt.Errorf("the tunnel: %w", context.DeadlineExceeded), context.DeadlineExceeded},
		{fmt.Errorf("the tunnel: %w", io.ErrShortWrite), io.ErrShortWrite},
	} {
		size, first := 2+rand.N(10<<10), i%2 // how many timeouts come first
		g.Step("a connection that fails in the middle of %d bytes, after %s: %s", size, story.Count(first, "timeout"), inOneLine(fails.with))
		fail := func(c *scripted) { c.fails = fails.with }
		patience := short()
		if i > 0 && first == 0 {
			patience = time.Hour // code that waits once more does not return
		}
		s := ship(g, size, patience, func(c *scripted) {
			if c.room = 1 + rand.N(size/2); first == 0 {
				fail(c)
			}
			if i == 0 {
				c.late = 100 * time.Millisecond // after the patience is over: the Conn still returns its error, not a timeout
			}
		}, func(s *shipping, asked int) bool {
			s.script.change(func() { s.script.room, s.script.late = 1, 0; fail(s.script) })
			return asked < tooOften
		})
		s.end(first)
		g.Expect(len(s.asked) <= len(s.timeouts()), grading.Finding{
			Sentence: "other-error",
			Mistake:  "it takes an error that is no timeout for a timeout",
			Expected: "SendAll returns the error, and does not call goOn",
			Seen:     s.String(),
			Read:     "lab01_timeout/TestErrorsTellSlowFromDead",
		})
		g.Expect(errors.Is(s.err, fails.is) && !s.lost, grading.Finding{
			Sentence: "other-error",
			Mistake:  "an error that is no timeout is lost",
			Expected: "an error in which errors.Is finds the connection's: " + inOneLine(fails.with),
			Seen:     s.String(),
			Read:     "lab01_timeout/TestErrorsTellSlowFromDead",
		})
		failed := len(s.script.failures())
		g.Expect(failed == 1, grading.Finding{
			Sentence: "other-error",
			Mistake:  "it writes again after an error that is no timeout",
			Expected: "SendAll ends at once",
			Seen:     story.Count(failed, "write") + " that fail: " + inOneLine(fails.with),
			Read:     "lab01_timeout/TestErrorsTellSlowFromDead",
		})
		s.expectCount(len(s.script.taken))
		s.expectCallsOfGoOn()
	}
}

// refusedDeadlines: the connection refuses deadlines, with several kinds of errors: all of them, the first, or all after a timeout.
func refusedDeadlines(g *grading.Grader) {
	refused := grading.Mark("this tunnel has no deadlines")
	for _, with := range []struct{ err, is error }{
		{refused, refused},
		{fmt.Errorf("the tunnel: %w", os.ErrNoDeadline), os.ErrNoDeadline},
		{&net.OpError{Op: "set", Net: "tunnel", Err: net.ErrClosed}, net.ErrClosed},
		{fmt.Errorf("the tunnel: %w", os.ErrDeadlineExceeded), os.ErrDeadlineExceeded}, // but it comes from setting a deadline, not from a write
	} {
		refuses := func(time.Time) error { return with.err }
		g.Step("a connection that refuses every deadline: %v", with.err)
		s := ship(g, 100, time.Minute, func(c *scripted) { c.room, c.settingWrite = 100, refuses }, func(*shipping, int) bool { return false })
		s.end(0)
		s.expectRefused(with.is, 0)

		g.Step("a connection that refuses the first deadline only: %v", with.err)
		told := false
		s = ship(g, 100, time.Minute, func(c *scripted) {
			c.room = 100
			c.settingWrite = func(time.Time) error {
				if told {
					return nil
				}
				told = true
				return with.err
			}
		}, func(*shipping, int) bool { return false })
		s.end(0)
		s.expectRefused(with.is, 0)

		part := 1 + rand.N(90)
		g.Step("a connection that takes %d of 100 bytes, and refuses every deadline after the first timeout: %v", part, with.err)
		s = ship(g, 100, short(), func(c *scripted) { c.room = part }, func(s *shipping, asked int) bool {
			s.script.change(func() {
				s.script.room, s.script.settingWrite = 100, refuses
				s.script.writeBy = time.Time{} // SendAll can't remove it any more
			})
			return asked < tooOften
		})
		s.end(1)
		s.expectRefused(with.is, min(part, len(s.script.taken))) // less than part if a busy machine has delayed the write
	}
}

// expectRefused: the call has ended with the refusal.
func (s *shipping) expectRefused(with error, sent int) {
	s.g.T().Helper()
	s.g.Expect(errors.Is(s.err, with) && len(s.script.taken) == sent, grading.Finding{
		Sentence: "other-error",
		Mistake:  "it goes on without its deadline",
		Expected: fmt.Sprintf("%d, and an error in which errors.Is finds: %v", sent, with),
		Seen:     s.String(),
	})
	s.expectCallsOfGoOn()
	s.expectCount(sent)
}

// untouched: a real server sends something and reads nothing. The caller uses the connection when SendAll has returned.
func untouched(g *grading.Grader) {
	conn, server := connected(g)
	hello := grading.Text(9)
	_, err := server.Write([]byte(hello))
	require.NoError(g.T(), err)
	var before, after string
	f := grading.Finding{Sentence: "conn-untouched"}
	var sent []byte
	for _, size := range []int{500 << 10, moreThanBuffersHold} {
		data, asks := grading.NewData(size), 1+rand.N(2)
		g.Step("a server that reads nothing of %d KiB; goOn returns false after timeout %d", size>>10, asks)
		patience := short()
		g.Prepare("reading the socket options", func() { before = optionsOf.On(g, conn) })
		s := send(g, conn, data, patience, func(asked int) bool { return asked < asks })
		s.Wait(0, grading.Finding{
			Sentence: "it-returns",
			Mistake:  "it waits for something other than its writes",
			Expected: "SendAll returns when the kernel has taken all of data, or when goOn returns false",
		})
		s.tell()
		s.expectPatience(patience)
		if s.err != nil {
			f.Mistake, f.Expected, f.Seen = "it closes the connection, or a half of it", "the caller can still write", s.String()
			g.Expect(!errors.Is(s.err, syscall.EPIPE) && !errors.Is(s.err, net.ErrClosed), f)
			s.expectGivenUp()
			told := s.asked[len(s.asked)-1]
			g.Expect(told == s.sent, grading.Finding{
				Sentence: "tells-sum",
				Mistake:  "goOn is not told how much was sent in all",
				Expected: fmt.Sprintf("%d, in the last call of goOn: what SendAll then returns", s.sent),
				Seen:     fmt.Sprint("goOn is told ", told),
				Read:     "lab01_timeout/TestWriteDeadlineFreesWriter",
			})
		}
		g.Expect(s.sent >= 0 && s.sent <= size, grading.Finding{
			Sentence: "counts-all",
			Mistake:  "it returns an impossible number of bytes",
			Expected: "0 or more, and at most " + story.Count(size, "byte"),
			Seen:     s.String(),
		})
		sent = append(sent, data.Bytes()[:s.sent]...)
		g.Prepare("reading the socket options", func() { after = optionsOf.On(g, conn) })
		f.Mistake, f.Expected, f.Seen = "it sets options of the connection", before, after
		g.Expect(after == before, f)
		g.Prepare("setting options", func() { setOptionsOf.On(g, conn) }) // next, code that sets one back to Go's default is seen
	}

	g.Step("the caller reads what the server has sent, and writes on; the server reads")
	buf := make([]byte, 2*len(hello))
	var n int
	g.Prepare("a read", func() {
		p := g.Conn(conn)
		p.SetReadDeadline(time.Now().Add(grading.Patience))
		n, err = p.Read(buf)
	})
	f.Mistake, f.Expected = "it reads what the peer sends", fmt.Sprintf("the caller reads %q", hello)
	f.Seen = fmt.Sprintf("%q, %s", buf[:n], inOneLine(err))
	g.Expect(string(buf[:n]) == hello, f)

	read := readAll(g, server)
	g.Prepare("a write", func() { _, err = g.Conn(conn).Write([]byte("!")) })
	f.Mistake, f.Expected, f.Seen = "it closes the connection, or a half of it", "the caller can still write", inOneLine(err)
	g.Expect(err == nil, f)
	g.Prepare("closing the connection", func() { err = g.Conn(conn).Close() })
	require.NoError(g.T(), err)
	select {
	case got := <-read:
		g.Expect(bytes.Equal(got, append(sent, '!')), grading.Finding{
			Sentence: "counts-all",
			Mistake:  "it does not return how many bytes were sent in all",
			Expected: fmt.Sprintf("%d, in two calls: what the server has read", len(got)-1),
			Seen:     fmt.Sprint(len(sent)),
			Read:     "lab01_timeout/TestTimedOutWriteCanBeResumed",
		})
	case <-time.After(grading.Patience):
		g.Expect(false, grading.Finding{
			Sentence: "nothing-left",
			Mistake:  "your code keeps the connection open",
			Expected: "the server reads the end of the stream when the caller closes the connection, after SendAll",
			Seen:     "the server still waits for the end of the stream",
		})
	}
}

// failures returns the writes that have failed with an error that is no timeout. The caller holds mu.
func (c *scripted) failures() (all []scriptedWrite) {
	for _, w := range c.writes {
		if w.err != nil && !errors.Is(w.err, os.ErrDeadlineExceeded) {
			all = append(all, w)
		}
	}
	return all
}

// longest returns how long the slowest write took, of those that have timed out.
func (s *shipping) longest() (longest time.Duration) {
	for _, w := range s.timeouts() {
		longest = max(longest, w.took)
	}
	return longest
}

// fromKernel makes an error from the kernel, as a connection of package net returns it.
func fromKernel(op string, errno syscall.Errno) error {
	return &net.OpError{Op: op, Net: "tcp", Err: os.NewSyscallError(op, errno)}
}
