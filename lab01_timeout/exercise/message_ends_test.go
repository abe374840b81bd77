package exercise_test

import (
	"bytes"
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

// anyEnds: the stream ends or breaks at every place, together with the last bytes, after them, or after a timeout.
func anyEnds(g *grading.Grader) {
	broken := grading.Mark("the tunnel has broken down")
	interrupted := []syscall.Errno{syscall.EAGAIN, syscall.EINTR, syscall.ECONNREFUSED}[rand.N(3)]
	for _, end := range []struct{ with, is error }{
		{io.EOF, io.EOF},
		{fmt.Errorf("reading: %w", broken), broken},
		{kernels("read", syscall.ECONNRESET), syscall.ECONNRESET},
		{kernels("read", syscall.ETIMEDOUT), syscall.ETIMEDOUT},
		{kernels("read", interrupted), interrupted},
		{&net.OpError{Op: "read", Net: "tcp", Err: net.ErrClosed}, net.ErrClosed},
		{io.ErrUnexpectedEOF, io.ErrUnexpectedEOF},
		{fmt.Errorf("%w, and so %w", broken, io.EOF), broken}, // that is not io.EOF
	} {
		if end.with == io.EOF {
			for _, cut := range []int{0, 1, 3, 4, 5 + rand.N(8)} {
				for _, how := range waysToEnd {
					expectEnd(g, cut, how, end.with, end.is)
				}
			}
			continue
		}
		for _, cut := range []int{0, 1 + rand.N(3), 4, 5 + rand.N(8)} {
			expectEnd(g, cut, waysToEnd[rand.N(len(waysToEnd))], end.with, end.is)
		}
	}
}

var waysToEnd = []string{"together with the last bytes", "after them", "after a timeout"}

// expectEnd: a message comes, and a part of the next one, and an end.
func expectEnd(g *grading.Grader, cut int, how string, end, is error) {
	g.T().Helper()
	message := grading.Bytes(rand.N(2) * 9)
	part := framed(grading.Bytes(9))[:cut]
	if end == io.EOF && cut == 0 {
		message = nil
	}
	g.Step("a message of %d bytes comes, %s of the next, and, %s, %s", len(message), story.Count(cut, "byte"), how, inOneLine(end))
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
	switch how {
	case "together with the last bytes":
		results[last].err = end
		s.script.ends = end
	case "after them":
		s.script.ends = end
	}
	s.expect("end", message)
	if how == "after a timeout" {
		s.expectTimeout(10 * time.Millisecond)
		s.script.change(func() { s.script.ends = end })
	}
	s.expectEnd(cut, end, is)
}

// expectEnd: the stream has ended so many bytes after a message.
func (s *stream) expectEnd(cut int, end, is error) {
	s.g.T().Helper()
	sentence := "other-errors"
	if end == io.EOF {
		sentence = "end"
		if cut > 0 {
			is = io.ErrUnexpectedEOF
		}
	}
	for range 2 {
		got := s.next(sentence, hour)
		isSo := errors.Is(got.Err.Err(), is) && (is != io.EOF || isEOF(got.Err))
		s.g.Expect(len(got.Data) == 0 && isSo, grading.Finding{
			Sentence: sentence,
			Mistake:  "the end of a stream isn't told as it is, by each call that meets it",
			Expected: fmt.Sprintf("no bytes, and %v", is),
			Seen:     fmt.Sprintf("%s, and %v", story.Count(len(got.Data), "byte"), got.Err.Err()),
			Read:     "lab01_timeout/TestErrorsTellSlowFromDead",
		})
	}
}

// allTogether: one read of the Conn returns two messages and what follows them, and how the stream ends. What is whole comes
// first, and at once.
func allTogether(g *grading.Grader) {
	broken := grading.Mark("the tunnel has broken down")
	tooLong := binary.BigEndian.AppendUint32(nil, exercise.MaxMessage+1)
	for _, end := range []error{nil, io.EOF, broken} {
		for _, behind := range [][]byte{nil, {0}, framed(grading.Bytes(9))[:12], tooLong} {
			first, second, sentence := grading.Bytes(9), []byte{}, "end"
			if end == nil {
				sentence = "whole"
			}
			g.Step("two messages come with one read, and %s behind them; the error: %s", story.Count(len(behind), "byte"), inOneLine(end))
			s := overScript(g, scriptedRead{data: slices.Concat(framed(first), framed(second), behind), err: end})
			s.script.ends = end
			s.expect(sentence, first)
			s.expect(sentence, second)
			switch {
			case bytes.Equal(behind, tooLong):
				s.expectTooLong()
			case end == nil:
				s.expectTimeout(10 * time.Millisecond)
			default:
				s.expectEnd(len(behind), end, end)
			}
		}
	}
}

// isEOF reports whether an error is io.EOF itself, as those who compare it expect.
func isEOF(err *grading.WireError) bool {
	eof := grading.ToWire(io.EOF)
	return err != nil && err.Text == eof.Text && err.Type == eof.Type
}

// endsOfTCP: a real server closes, between messages and within one.
func endsOfTCP(t *testing.T, g *grading.Grader) {
	for _, want := range []error{io.EOF, io.ErrUnexpectedEOF} {
		s := overTCP(t, g)
		if want != io.EOF {
			_, err := s.far.Write(framed(grading.Bytes(9))[:1+rand.N(12)])
			require.NoError(t, err)
		}
		require.NoError(t, s.far.Close())
		got := s.next("end", hour)
		g.Expect(got.Err.Err() == want, grading.Finding{
			Sentence: "end", Mistake: "the end of a stream isn't told as it is", Expected: want.Error(), Seen: fmt.Sprint(got.Err.Err()),
		})
	}
}
