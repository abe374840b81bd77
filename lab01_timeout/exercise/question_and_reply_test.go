package exercise_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
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
	"socketlabs/harness/peer"
	"socketlabs/harness/story"
)

// asking is one call of AskWithin, and what it has returned.
type asking struct {
	*grading.Running
	g *grading.Grader
	reply
	changed, behind bool // the caller's request, or what is behind it, is no longer what it was
}

// reply is what AskWithin has returned.
type reply struct {
	text []byte // the beginning of the reply
	size int
	sum  [sha256.Size]byte // of the whole reply
	err  error
	took time.Duration
}

func (r reply) String() string {
	return fmt.Sprintf("%s, %s, after %s", beginning(r.text, r.size), inOneLine(r.err), story.Duration(r.took))
}

// is reports whether text is the whole reply.
func (r reply) is(text []byte) bool { return r.size == len(text) && r.sum == sha256.Sum256(text) }

// quoted returns a short text in quotes, and of a long one the beginning and the length.
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
	return begin(g, text, asked{Address: address, Budget: budget})
}

func begin(g *grading.Grader, text grading.Data, q asked) *asking {
	a := &asking{g: g}
	g.Prepare("making a request", func() { q.Text = made.On(g, text) })
	a.Running = g.Go("AskWithin", func() {
		begun := time.Now()
		got := askWithin.On(g, q)
		a.reply = reply{got.Reply, got.Size, got.Sum, got.Err.Err(), time.Since(begun)}
		a.changed, a.behind = got.Changed, got.Behind
	})
	return a
}

// outcome returns what the call has returned, and logs it.
func (a *asking) outcome() reply {
	a.g.T().Helper()
	a.g.Outcome(harness.Client, "AskWithin: %s, %s", story.Count(a.size, "byte"), inOneLine(a.err))
	a.g.Expect(!a.changed, grading.Finding{Sentence: "one-question", Mistake: "it changes the caller's request", Expected: "it is as before"})
	return a.reply
}

// expectTimeout: the budget was spent, and the error says so.
func (r reply) expectTimeout(g *grading.Grader, budget time.Duration) {
	g.T().Helper()
	g.Expect(r.isTimeout(), grading.Finding{
		Sentence: "says-timeout",
		Mistake:  "it does not report that the budget is spent",
		Expected: "an error in which errors.Is finds os.ErrDeadlineExceeded or context.DeadlineExceeded",
		Seen:     r.String(),
		Read:     "lab01_timeout/TestReadDeadlineFreesReader",
	})
	g.Expect(r.took >= budget, grading.Finding{
		Sentence: "whole-budget",
		Mistake:  "it gives up before the budget is spent",
		Expected: "it does not time out before " + story.Duration(budget) + " have passed",
		Seen:     r.String(),
		Read:     "lab01_timeout/TestOneDeadlineBoundsWholeExchange",
	})
}

// expectOther: an error from the kernel has ended the call, not the budget, and AskWithin returns that error.
func (r reply) expectOther(g *grading.Grader, mistake, what string, errnos ...syscall.Errno) {
	g.T().Helper()
	var errno syscall.Errno
	isSo := errors.As(r.err, &errno)
	if runtime.GOOS != "windows" { // Windows has error numbers of its own
		isSo = slices.ContainsFunc(errnos, func(errno syscall.Errno) bool { return errors.Is(r.err, errno) })
	}
	g.Expect(isSo && !r.isTimeout(), grading.Finding{
		Sentence: "says-other",
		Mistake:  mistake,
		Expected: what + ", in which errors.Is finds the kernel's error, and no timeout",
		Seen:     r.String(),
		Read:     "lab01_timeout/TestErrorsTellSlowFromDead",
	})
}

// server reads a request and answers it.
type server struct {
	g       *grading.Grader
	address string
	request grading.Data
	pause   time.Duration // before it reads
	clients atomic.Int32  // how many have connected
	serving sync.WaitGroup
	asked   chan struct{} // closed when the first client's request has come, or its connection has ended

	mu    sync.Mutex
	heard []byte // all bytes that have come
}

var localTurn atomic.Int32 // how often a server has listened on localhost

// serve starts a server at an address with port 0. The name localhost stands for each of its addresses in turn.
func serve(g *grading.Grader, at string, request grading.Data, answer func(context.Context, *net.TCPConn)) *server {
	host, _, err := net.SplitHostPort(at)
	require.NoError(g.T(), err)
	if host == "localhost" {
		found := localhosts()
		one := netip.MustParseAddr(found[int(localTurn.Add(1))%len(found)])
		at = peer.ReservedAddressAt(g.Experiment, one).String() // no other server gets this port on another address of the name
	}
	listener, err := net.Listen("tcp", at)
	require.NoError(g.T(), err)
	return serveOn(g, host, request, 0, answer, listener)
}

// serveOn starts a server on listeners that have the same port. host is the name or the address that clients use. The server makes a
// pause before it reads.
func serveOn(g *grading.Grader, host string, request grading.Data, pause time.Duration,
	answer func(context.Context, *net.TCPConn), listeners ...net.Listener) *server {
	s := &server{g: g, request: request, pause: pause, asked: make(chan struct{})}
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
	heard := make([]byte, s.request.Size)
	n, _ := io.ReadFull(conn, heard)
	s.hear(heard[:n])
	if isFirst {
		close(s.asked)
	}
	if n == s.request.Size {
		answer(s.g.T().Context(), conn)
		more, _ := io.ReadAll(conn) // until the client closes
		s.hear(more)
	}
}

func (s *server) hear(text []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.heard = append(s.heard, text...)
}

// expectRequest: the server has got the request, once, and nothing else.
func (s *server) expectRequest(got reply) {
	s.g.T().Helper()
	s.g.Expect(s.clients.Load() > 0 || got.err != nil, grading.Finding{
		Sentence: "one-question",
		Mistake:  "the server gets no connection",
		Expected: "a connection, and the request on it",
		Seen:     "no connection; AskWithin returns " + got.String(),
	})
	s.g.Expect(s.clients.Load() > 0, grading.Finding{
		Sentence: "any-address",
		Mistake:  "it does not connect to the server at " + s.address,
		Expected: "a connection",
		Seen:     "no connection; AskWithin returns " + got.String(),
	})
	s.expectClosed()
	s.g.Expect(s.clients.Load() == 1 && bytes.Equal(s.heard, s.request.Bytes()), grading.Finding{
		Sentence: "one-question",
		Mistake:  "the server gets something other than the request",
		Expected: "one connection, and on it " + quoted(s.request.Bytes()),
		Seen:     fmt.Sprintf("%s, and on them %s", story.Count(int(s.clients.Load()), "connection"), quoted(s.heard)),
	})
}

// expectClosed: the client has closed all connections that it has opened.
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
			Seen:     "the server still waits for the end of the connection",
			Read:     "lab01_timeout/TestSampleTellsSilentServerFromAbsentOne",
		})
	}
}
