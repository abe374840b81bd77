package exercise_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"slices"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"socketlabs/harness/grading"
	"socketlabs/harness/story"
	"socketlabs/lab01_timeout/exercise"
)

// anyEnds: the stream ends, or a read fails, at every place in a message and between two. The end comes together with the last bytes,
// after them, or after a timeout.
func anyEnds(g *grading.Grader) {
	broken := grading.Mark("the tunnel has broken down")
	quickest := grading.Patience // of the calls that return an error: on a busy machine, one call alone may be late
	for _, end := range []struct{ with, want error }{
		{io.EOF, io.EOF},
		{fmt.Errorf("reading: %w", broken), broken},
		{fromKernel("read", syscall.ECONNRESET), syscall.ECONNRESET},
		{fromKernel("read", syscall.ETIMEDOUT), syscall.ETIMEDOUT},
		{fromKernel("read", syscall.EAGAIN), syscall.EAGAIN},
		{fromKernel("read", syscall.EINTR), syscall.EINTR},
		{fromKernel("read", syscall.ENOBUFS), syscall.ENOBUFS},
		{fromKernel("read", syscall.ECONNREFUSED), syscall.ECONNREFUSED},
		{fromKernel("read", syscall.ECONNABORTED), syscall.ECONNABORTED},
		{fromKernel("read", syscall.EPIPE), syscall.EPIPE},
		{fmt.Errorf("the tunnel: %w", context.DeadlineExceeded), context.DeadlineExceeded},
		{&net.OpError{Op: "read", Net: "tcp", Err: net.ErrClosed}, net.ErrClosed},
		{io.ErrUnexpectedEOF, io.ErrUnexpectedEOF},
		{fmt.Errorf("%w, and so %w", broken, io.EOF), broken}, // errors.Is finds io.EOF in it, but it is not io.EOF itself
	} {
		expectEnd(g, 9, 0, together, end.with, end.want)
		if end.with == io.EOF {
			for _, cut := range []int{0, 1, 3, 4, 5 + rand.N(8)} {
				for _, how := range waysToEnd {
					expectEnd(g, min(cut, rand.N(2))*9, cut, how, end.with, end.want)
				}
			}
			continue
		}
		for _, cut := range []int{0, 1 + rand.N(3), 4, 5 + rand.N(8)} {
			took := expectEnd(g, rand.N(2)*9, cut, waysToEnd[rand.N(len(waysToEnd))], end.with, end.want)
			quickest = min(quickest, took)
		}
	}
	g.Expect(quickest < soon, grading.Finding{
		Sentence: "it-returns",
		Mistake:  "Next waits when a read of the Conn has failed",
		Expected: "it returns the error at once",
		Seen:     "the quickest of all calls takes " + story.Duration(quickest),
	})
}

const together, after, later = "together with the last bytes", "after them", "after a timeout"

var waysToEnd = []string{together, after, later}

// expectEnd: a message comes, and then the first cut bytes of the next one. Then reads return an error, end; how says when. errors.Is
// must find want in what Next returns.
func expectEnd(g *grading.Grader, size, cut int, how string, end, want error) (took time.Duration) {
	g.T().Helper()
	message := grading.Bytes(size)
	part := framed(grading.Bytes(9))[:cut]
	g.Step("a message of %d bytes comes, and %s of the next one; %s, a read returns: %s",
		len(message), story.Count(cut, "byte"), how, inOneLine(end))
	results := pieces(framed(message), 13)
	if cut > 0 {
		results = slices.Concat(results, pieces(part, 13))
	}
	last := len(results) - 1
	if len(results[last].data) == 0 {
		last--
		results = results[:last+1]
	}
	s := overScript(g, results...)
	if rand.N(3) > 0 {
		s.script.settingRead = func(time.Time) error { return nil } // no pause, because there are so many streams
	}
	switch how {
	case together:
		results[last].err = end
		s.script.ends = end
	case after:
		s.script.ends = end
	}
	s.expect("end", message)
	if how == later {
		s.expectTimeout(10 * time.Millisecond)
		s.script.change(func() { s.script.ends = end })
	}
	return s.expectEnd(cut, end, want)
}

// expectEnd: the stream has ended after the first cut bytes of a message; 0 means between two messages. It returns how long the quickest of
// several calls takes.
func (s *stream) expectEnd(cut int, end, want error) (took time.Duration) {
	s.g.T().Helper()
	sentence := "other-errors"
	if end == io.EOF {
		sentence = "end"
		if cut > 0 {
			want = io.ErrUnexpectedEOF
		}
	}
	took = grading.Patience
	for range 4 {
		got := s.next(sentence, hour)
		took = min(took, got.Took)
		isSo := errors.Is(got.Err.Err(), want) && (want != io.EOF || isEOF(got.Err)) && !got.Lost
		s.g.Expect(len(got.Data) == 0 && isSo, grading.Finding{
			Sentence: sentence,
			Mistake:  "the end of a stream isn't reported as it is, by each call that reaches it",
			Expected: fmt.Sprintf("no bytes, and %v", want),
			Seen:     fmt.Sprintf("%s, and %v", story.Count(len(got.Data), "byte"), got.Err.Err()),
			Read:     "lab01_timeout/TestErrorsTellSlowFromDead",
		})
	}
	return took
}

// allTogether: one read of the Conn returns two messages, the bytes that follow them, and an error if the stream ends. Next must return
// the two messages first, without waiting.
func allTogether(g *grading.Grader) {
	broken := grading.Mark("the tunnel has broken down")
	tooLong := binary.BigEndian.AppendUint32(nil, exercise.MaxMessage+1)
	for _, end := range []error{nil, io.EOF, broken} {
		for _, behind := range [][]byte{nil, {0}, framed(grading.Bytes(9))[:12], tooLong} {
			first, second, sentence := grading.Bytes(9), []byte{}, "end"
			if end == nil {
				sentence = "whole"
			}
			g.Step("two messages come with one read, and %s after them; the read's error: %s", story.Count(len(behind), "byte"), inOneLine(end))
			s := overScript(g, scriptedRead{data: slices.Concat(framed(first), framed(second), behind), err: end})
			s.script.ends = end
			s.expect(sentence, first)
			s.expect(sentence, second)
			switch {
			case bytes.Equal(behind, tooLong):
				s.expectTooLong()
				s.expectTooLong()
			case end == nil:
				s.expectTimeout(10 * time.Millisecond)
			default:
				s.expectEnd(len(behind), end, end)
			}
		}
	}
}

// isEOF reports whether an error is io.EOF itself, as callers expect that compare it by ==.
func isEOF(err *grading.WireError) bool {
	eof := grading.ToWire(io.EOF)
	return err != nil && err.Text == eof.Text && err.Type == eof.Type
}

// endsOfTCP: a real server closes the connection, between two messages and within one.
func endsOfTCP(t *testing.T, g *grading.Grader) {
	for _, cut := range []int{0, 1 + rand.N(12)} {
		s := overTCP(t, g)
		if cut > 0 {
			_, err := s.far.Write(framed(grading.Bytes(9))[:cut])
			require.NoError(t, err)
		}
		g.Step("a server sends %s of a message, and closes the connection", story.Count(cut, "byte"))
		require.NoError(t, s.far.Close())
		s.expectEnd(cut, io.EOF, io.EOF)
	}
}

// tooLong: a message announces more than MaxMessage bytes. A timeout may come within its length. Then the stream ends.
func tooLong(g *grading.Grader) {
	for _, length := range []uint32{
		exercise.MaxMessage + 1 + rand.Uint32N(4), exercise.MaxMessage + 1 + rand.Uint32N(1<<20),
		(1+rand.Uint32N(100))<<24 + rand.Uint32N(1<<20), 1<<31 + rand.Uint32N(1<<20), 1<<31 + rand.Uint32N(1<<31), 1<<32 - 1,
	} {
		g.Step("a message announces %d bytes", length)
		before, data := grading.Bytes(10), binary.BigEndian.AppendUint32(nil, length)
		s := overScript(g, pieces(framed(before), 14)...)
		s.expect("whole", before)
		if cut := rand.N(4); cut > 0 {
			s.comes(data[:cut], false)
			s.expectTimeout(10 * time.Millisecond)
			data = data[cut:]
		}
		s.comes(data, false)
		for range 4 {
			s.expectTooLong()
		}
		for _, end := range []error{fmt.Errorf("the end"), io.EOF} {
			g.Step("a message has announced %d bytes, and then the stream ends: %v", length, end)
			s.script.change(func() { s.script.ends = end })
			s.expectTooLong()
			s.expectTooLong()
		}
	}
}

func (s *stream) expectTooLong() {
	s.g.T().Helper()
	got := s.next("too-long", hour)
	s.g.Expect(len(got.Data) == 0 && got.TooLong, grading.Finding{
		Sentence: "too-long",
		Mistake:  "a message that is too long isn't refused",
		Expected: "no bytes, and ErrTooLong, from each call",
		Seen:     fmt.Sprintf("%s, and %v", story.Count(len(got.Data), "byte"), got.Err.Err()),
	})
}

// expectTimeAtConn checks that no read of the Conn had a deadline before the end of the patience. This grades a long patience without
// waiting for its end. Code that measures the time in another way sets no deadline on the Conn, and passes.
func (c *calling) expectTimeAtConn() {
	c.g.T().Helper()
	c.script.mu.Lock()
	defer c.script.mu.Unlock()
	for _, read := range c.script.reads[c.before:] {
		isOver := read.at.Sub(c.begun) >= c.patience-slack // the patience was over before the read began: the machine is busy
		has := read.by.Sub(c.begun)
		c.g.Expect(read.by.IsZero() || isOver || has >= c.patience-slack, grading.Finding{
			Sentence: "times-out",
			Mistake:  "Next gives up too early",
			Expected: "the Conn's reads may wait for " + c.patience.String() + " from the beginning of Next",
			Seen:     "a read's deadline is " + has.String() + " after the beginning of Next",
			Read:     "lab01_timeout/TestDeadlineSetOnceEndsConversation",
		})
	}
}
