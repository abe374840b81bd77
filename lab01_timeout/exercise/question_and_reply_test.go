package exercise_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"time"

	"socketlabs/harness"
	"socketlabs/harness/grading"
	"socketlabs/harness/peer"
	"socketlabs/harness/story"
)

// reply is what AskWithin has returned.
type reply struct {
	text []byte
	err  error
	took time.Duration
}

func (r reply) String() string {
	return fmt.Sprintf("%q, %v, after %s", r.text, r.err, story.Duration(r.took))
}

func (r reply) isTimeout() bool {
	return errors.Is(r.err, os.ErrDeadlineExceeded) || errors.Is(r.err, context.DeadlineExceeded)
}

func ask(g *grading.Grader, address string, text grading.Data, budget time.Duration, limit time.Duration, stuck grading.Finding) (r reply) {
	begun := time.Now()
	g.Call("AskWithin", limit, stuck, func() {
		got := askWithin.On(g, asked{address, text, budget})
		r.text, r.err = got.Reply, got.Err.Err()
		r.took = time.Since(begun)
	})
	g.Outcome(harness.Client, "AskWithin: %d bytes, %v", len(r.text), r.err)
	return r
}

// server is a peer that reads the question and answers in pieces; then it says when the client hangs up.
type server struct {
	address string
	heard   chan []byte
	left    chan struct{}
}

func serve(g *grading.Grader, question int, answer func(context.Context, *net.TCPConn)) *server {
	s := &server{heard: make(chan []byte, 1), left: make(chan struct{})}
	s.address = peer.Serve(g.Experiment, func(ctx context.Context, conn *net.TCPConn) {
		defer close(s.left) // one client only
		heard := make([]byte, question)
		n, _ := io.ReadFull(conn, heard)
		s.heard <- heard[:n]
		if n == question {
			answer(ctx, conn)
			io.Copy(io.Discard, conn) // until the client hangs up
		}
		conn.Close()
	})
	return s
}

// expectHangUp: the client has closed its connection.
func (s *server) expectHangUp(g *grading.Grader) {
	select {
	case <-s.left:
	case <-time.After(grading.Patience):
		g.Expect(false, grading.Finding{
			Mistake:  "the connection is left open",
			Expected: "it is closed when AskWithin has returned",
			Seen:     "the server still waits for its end",
			Read:     "lab01_timeout/TestSampleTellsSilentServerFromAbsentOne",
		})
	}
}

// inPieces sends a piece after every pause until there are none left.
func inPieces(pause time.Duration, pieces func(yield func([]byte) bool)) func(context.Context, *net.TCPConn) {
	return func(ctx context.Context, conn *net.TCPConn) {
		for piece := range pieces {
			if _, err := conn.Write(piece); err != nil {
				return
			}
			select {
			case <-ctx.Done():
				return
			case <-time.After(pause):
			}
		}
		conn.CloseWrite()
	}
}

func nothing(context.Context, *net.TCPConn) {}

// expectTimeout: the budget was spent, and the error says so.
func expectTimeout(g *grading.Grader, got reply, budget time.Duration) {
	g.Expect(got.isTimeout(), grading.Finding{
		Mistake:  "it does not report that the budget is spent",
		Expected: "an error by which errors.Is finds os.ErrDeadlineExceeded or context.DeadlineExceeded",
		Seen:     fmt.Sprintf("%s, %v, after %s", story.Count(len(got.text), "byte"), got.err, story.Duration(got.took)),
		Read:     "lab01_timeout/TestReadDeadlineFreesReader",
	})
	g.Expect(got.took >= budget, grading.Finding{
		Mistake:  "it gives up before the budget is spent",
		Expected: "it has " + story.Duration(budget),
		Seen:     fmt.Sprintf("%v, after %s", got.err, story.Duration(got.took)),
		Read:     "lab01_timeout/TestOneDeadlineBoundsWholeExchange",
	})
}
