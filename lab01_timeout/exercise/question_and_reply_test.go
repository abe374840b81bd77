package exercise_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"runtime"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/stretchr/testify/require"

	"socketlabs/harness"
	"socketlabs/harness/grading"
	"socketlabs/harness/story"
)

// asking is one call of AskWithin, and what it has returned.
type asking struct {
	*grading.Running
	g *grading.Grader
	reply
}

// reply is what AskWithin has returned.
type reply struct {
	text []byte // its beginning
	size int
	sum  [sha256.Size]byte // of all of it
	err  error
	took time.Duration
}

func (r reply) String() string {
	return fmt.Sprintf("%s, %s, after %s", beginning(r.text, r.size), inOneLine(r.err), story.Duration(r.took))
}

// is reports whether a text is all of the reply.
func (r reply) is(text []byte) bool { return r.size == len(text) && r.sum == sha256.Sum256(text) }

// quoted is a text, or how long it is.
func quoted(text []byte) string { return beginning(text, len(text)) }

func beginning(text []byte, size int) string {
	if size <= 10 {
		return strconv.Quote(string(text))
	}
	return fmt.Sprintf("%q… (%s)", text[:5], story.Count(size, "byte"))
}

func (r reply) isTimeout() bool {
	return errors.Is(r.err, os.ErrDeadlineExceeded) || errors.Is(r.err, context.DeadlineExceeded)
}

// ask begins a call of AskWithin.
func ask(g *grading.Grader, address string, text grading.Data, budget time.Duration) *asking {
	a := &asking{g: g}
	var question grading.Handle[[]byte]
	g.Prepare("making a question", func() { question = made.On(g, text) })
	a.Running = g.Go("AskWithin", func() {
		begun := time.Now()
		got := askWithin.On(g, asked{address, question, budget})
		a.reply = reply{got.Reply, got.Size, got.Sum, got.Err.Err(), time.Since(begun)}
	})
	return a
}

// told is what the call has returned, and is in the story from now on.
func (a *asking) told() reply {
	a.g.Outcome(harness.Client, "AskWithin: %s, %s", story.Count(a.size, "byte"), inOneLine(a.err))
	return a.reply
}

// expectTimeout: the budget was spent, and the error says so.
func (r reply) expectTimeout(g *grading.Grader, budget time.Duration) {
	g.T().Helper()
	g.Expect(r.isTimeout(), grading.Finding{
		Sentence: "says-timeout",
		Mistake:  "it does not report that the budget is spent",
		Expected: "an error by which errors.Is finds os.ErrDeadlineExceeded or context.DeadlineExceeded",
		Seen:     r.String(),
		Read:     "lab01_timeout/TestReadDeadlineFreesReader",
	})
	g.Expect(r.took >= budget, grading.Finding{
		Sentence: "whole-budget",
		Mistake:  "it gives up before the budget is spent",
		Expected: "it has " + story.Duration(budget),
		Seen:     r.String(),
		Read:     "lab01_timeout/TestOneDeadlineBoundsWholeExchange",
	})
}

// expectOther: something else than the budget has ended the call, and the error says what: one of the kernel's.
func (r reply) expectOther(g *grading.Grader, mistake, what string, errnos ...syscall.Errno) {
	g.T().Helper()
	var errno syscall.Errno
	isSo := errors.As(r.err, &errno)
	if runtime.GOOS != "windows" { // which has numbers of its own
		isSo = slices.ContainsFunc(errnos, func(errno syscall.Errno) bool { return errors.Is(r.err, errno) })
	}
	g.Expect(isSo && !r.isTimeout(), grading.Finding{
		Sentence: "says-other",
		Mistake:  mistake,
		Expected: what + ", in which errors.Is finds what the kernel said, and no timeout",
		Seen:     r.String(),
		Read:     "lab01_timeout/TestErrorsTellSlowFromDead",
	})
}

// server reads the question and answers it.
type server struct {
	g        *grading.Grader
	address  string
	question grading.Data
	pause    time.Duration // before it reads
	clients  atomic.Int32
	serving  sync.WaitGroup
	asked    chan struct{} // closed when the question has come, or what there was of it

	mu    sync.Mutex
	heard []byte // all that came
}

// serve starts a server at an address with port 0. Names are those of 127.0.0.1.
func serve(g *grading.Grader, at string, question grading.Data, answer func(context.Context, *net.TCPConn)) *server {
	host, _, err := net.SplitHostPort(at)
	require.NoError(g.T(), err)
	if host == "localhost" {
		at = "127.0.0.1:0"
	}
	listener, err := net.Listen("tcp", at)
	require.NoError(g.T(), err)
	return serveOn(g, host, question, 0, answer, listener)
}

// serveOn starts a server that has a name, or an address, and one port. It reads after a pause.
func serveOn(g *grading.Grader, host string, question grading.Data, pause time.Duration,
	answer func(context.Context, *net.TCPConn), listeners ...net.Listener) *server {
	s := &server{g: g, question: question, pause: pause, asked: make(chan struct{})}
	s.address = net.JoinHostPort(host, strconv.Itoa(listeners[0].Addr().(*net.TCPAddr).Port))
	for _, listener := range listeners {
		g.Own(listener)
		g.Experiment.Go(func() {
			for {
				conn, err := listener.Accept()
				if err != nil {
					return
				}
				g.Own(conn)
				s.serving.Add(1)
				isFirst := s.clients.Add(1) == 1
				g.Experiment.Go(func() { s.serve(conn.(*net.TCPConn), isFirst, answer) })
			}
		})
	}
	return s
}

func (s *server) serve(conn *net.TCPConn, isFirst bool, answer func(context.Context, *net.TCPConn)) {
	defer s.serving.Done()
	defer conn.Close()
	harness.Passed(s.g.T().Context(), s.pause)
	heard := make([]byte, s.question.Size)
	n, _ := io.ReadFull(conn, heard)
	s.hear(heard[:n])
	if isFirst {
		close(s.asked)
	}
	if n == s.question.Size {
		answer(s.g.T().Context(), conn)
		more, _ := io.ReadAll(conn) // until the client hangs up
		s.hear(more)
	}
}

func (s *server) hear(text []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.heard = append(s.heard, text...)
}

// expectQuestion: the server has got the question, once, and nothing else.
func (s *server) expectQuestion(got reply) {
	s.g.T().Helper()
	s.g.Expect(s.clients.Load() > 0 || got.err != nil, grading.Finding{
		Sentence: "one-question",
		Mistake:  "the server is not asked",
		Expected: "a connection, and the question on it",
		Seen:     "neither; AskWithin returns " + got.String(),
	})
	s.g.Expect(s.clients.Load() > 0, grading.Finding{
		Sentence: "any-address",
		Mistake:  "it does not come to the server at " + s.address,
		Expected: "a connection",
		Seen:     "none; AskWithin returns " + got.String(),
	})
	s.expectClosed()
	s.g.Expect(s.clients.Load() == 1 && bytes.Equal(s.heard, s.question.Bytes()), grading.Finding{
		Sentence: "one-question",
		Mistake:  "the server gets something else than the question",
		Expected: "one connection, and on it " + quoted(s.question.Bytes()),
		Seen:     fmt.Sprintf("%s, and on them %s", story.Count(int(s.clients.Load()), "connection"), quoted(s.heard)),
	})
}

// expectClosed: the client has closed what it has opened.
func (s *server) expectClosed() {
	s.g.T().Helper()
	left := make(chan struct{})
	go func() {
		s.serving.Wait()
		close(left)
	}()
	select {
	case <-left:
	case <-time.After(grading.Patience):
		s.g.Expect(false, grading.Finding{
			Sentence: "nothing-left",
			Mistake:  "the connection is left open",
			Expected: "it is closed when AskWithin has returned",
			Seen:     "the server still waits for its end",
			Read:     "lab01_timeout/TestSampleTellsSilentServerFromAbsentOne",
		})
	}
}
