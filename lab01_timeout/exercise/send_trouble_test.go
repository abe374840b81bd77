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
		{kernels("write", syscall.ETIMEDOUT), syscall.ETIMEDOUT},
		{kernels("write", syscall.EAGAIN), syscall.EAGAIN},
		{kernels("write", syscall.EPIPE), syscall.EPIPE},
		{kernels("write", syscall.EINTR), syscall.EINTR},
		{kernels("write", syscall.ECONNRESET), syscall.ECONNRESET},
		{kernels("write", syscall.ENOBUFS), syscall.ENOBUFS},
		{&net.OpError{Op: "write", Net: "tcp", Err: net.ErrClosed}, net.ErrClosed},
		{fmt.Errorf("the tunnel: %w", context.DeadlineExceeded), context.DeadlineExceeded},
		{fmt.Errorf("the tunnel: %w", io.ErrShortWrite), io.ErrShortWrite},
	} {
		size, first := 2+rand.N(10<<10), i%2 // timeouts before
		g.Step("a connection that fails in the middle of %d bytes, after %s: %s", size, story.Count(first, "timeout"), inOneLine(fails.with))
		fail := func(c *scripted) { c.fails = fails.with }
		patience := short()
		if i > 0 && first == 0 {
			patience = time.Hour // who waits once more does not come back
		}
		s := ship(g, size, patience, func(c *scripted) {
			if c.room = 1 + rand.N(size/2); first == 0 {
				fail(c)
			}
			if i == 0 {
				c.late = 100 * time.Millisecond // when patience is over: the Conn says what has happened all the same
			}
		}, func(s *shipping, asked int) bool {
			s.script.change(func() { s.script.room, s.script.late = 1, 0; fail(s.script) })
			return asked < tooOften
		})
		s.end(first)
		g.Expect(len(s.asked) <= len(s.timeouts()), grading.Finding{
			Sentence: "other-error",
			Mistake:  "it takes an error for a timeout that is none",
			Expected: "SendAll returns the error, and does not ask goOn",
			Seen:     s.String(),
			Read:     "lab01_timeout/TestErrorsTellSlowFromDead",
		})
		g.Expect(errors.Is(s.err, fails.is) && !s.lost, grading.Finding{
			Sentence: "other-error",
			Mistake:  "an error that is no timeout is lost",
			Expected: "an error by which errors.Is finds the connection's: " + inOneLine(fails.with),
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
		s.expectQuestions()
	}
}

// refusedDeadlines: the connection takes no deadline, for one reason or another: from the beginning, or after a timeout.
func refusedDeadlines(g *grading.Grader) {
	refused := grading.Mark("this tunnel has no deadlines")
	for _, with := range []struct{ err, is error }{
		{refused, refused},
		{fmt.Errorf("the tunnel: %w", os.ErrNoDeadline), os.ErrNoDeadline},
		{&net.OpError{Op: "set", Net: "tunnel", Err: net.ErrClosed}, net.ErrClosed},
		{fmt.Errorf("the tunnel: %w", os.ErrDeadlineExceeded), os.ErrDeadlineExceeded}, // but no write has timed out
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
				s.script.writeBy = time.Time{} // which nobody can do any more
			})
			return asked < tooOften
		})
		s.end(1)
		s.expectRefused(with.is, part)
	}
}

// expectRefused: the call has ended with the refusal.
func (s *shipping) expectRefused(with error, sent int) {
	s.g.T().Helper()
	s.g.Expect(errors.Is(s.err, with) && len(s.script.taken) == sent, grading.Finding{
		Sentence: "other-error",
		Mistake:  "it goes on without its deadline",
		Expected: fmt.Sprintf("%d, and an error by which errors.Is finds: %v", sent, with),
		Seen:     s.String(),
	})
	s.expectQuestions()
	s.expectCount(sent)
}

// untouched: a real server sends something and reads nothing. The caller uses the connection when SendAll has returned.
func untouched(g *grading.Grader) {
	conn, server := connected(g)
	hello := grading.Text(9)
	_, err := server.Write([]byte(hello))
	require.NoError(g.T(), err)
	var before, after string
	g.Prepare("to look at the options", func() { before = optionsOf.On(g, conn) })
	var sent []byte
	for _, size := range []int{500 << 10, moreThanBuffersHold} {
		data, asks := grading.NewData(size), 1+rand.N(2)
		g.Step("a server that reads nothing of %d KiB; goOn says no after timeout %d", size>>10, asks)
		patience := short()
		s := send(g, conn, data, patience, func(asked int) bool { return asked < asks })
		s.Wait(0, grading.Finding{
			Sentence: "it-returns",
			Mistake:  "it waits for something else than its writes",
			Expected: "SendAll returns when the kernel has taken all of data, or when goOn says no",
		})
		s.tell()
		s.expectPatience(patience)
		if s.err != nil {
			s.expectGivenUp()
		}
		g.Expect(s.sent >= 0 && s.sent <= size, grading.Finding{
			Sentence: "counts-all",
			Mistake:  "it says that it has sent more than there is",
			Expected: "at most " + story.Count(size, "byte"),
			Seen:     s.String(),
		})
		sent = append(sent, data.Bytes()[:s.sent]...)
	}

	g.Step("the caller reads what the server has sent, and writes on; the server reads")
	g.Prepare("to look at the options", func() { after = optionsOf.On(g, conn) })
	f := grading.Finding{
		Sentence: "conn-untouched",
		Mistake:  "it sets options of the connection",
		Expected: before,
		Seen:     after,
	}
	g.Expect(after == before, f)
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

	read := make(chan []byte, 1)
	g.Experiment.Go(func() {
		got, _ := io.ReadAll(server)
		read <- got
	})
	g.Prepare("a write", func() { _, err = g.Conn(conn).Write([]byte("!")) })
	f.Mistake, f.Expected, f.Seen = "it closes the connection, or a half of it", "the caller can write on", inOneLine(err)
	g.Expect(err == nil, f)
	g.Prepare("closing the connection", func() { err = g.Conn(conn).Close() })
	require.NoError(g.T(), err)
	select {
	case got := <-read:
		g.Expect(bytes.Equal(got, append(sent, '!')), grading.Finding{
			Sentence: "counts-all",
			Mistake:  "it does not count all that was sent",
			Expected: fmt.Sprintf("%d, in two calls: what the server has read", len(got)-1),
			Seen:     fmt.Sprint(len(sent)),
			Read:     "lab01_timeout/TestTimedOutWriteCanBeResumed",
		})
	case <-time.After(grading.Patience):
		g.Expect(false, grading.Finding{
			Sentence: "nothing-left",
			Mistake:  "something of yours keeps the connection open",
			Expected: "its end comes when the caller closes it, after SendAll",
			Seen:     "the server still waits for its end",
		})
	}
}

// failures are the writes that have failed in another way. The caller holds mu.
func (c *scripted) failures() (all []scriptedWrite) {
	for _, w := range c.writes {
		if w.err != nil && !errors.Is(w.err, os.ErrDeadlineExceeded) {
			all = append(all, w)
		}
	}
	return all
}
