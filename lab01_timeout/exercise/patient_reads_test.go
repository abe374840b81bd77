package exercise_test

import (
	"errors"
	"fmt"
	"net"
	"os"
	"time"

	"socketlabs/harness"
	"socketlabs/harness/grading"
	"socketlabs/harness/story"
	"socketlabs/lab01_timeout/exercise"
)

// result is what a read has returned.
type result struct {
	text string
	err  error
	took time.Duration
}

func (r result) String() string {
	return fmt.Sprintf("%q, %v, after %s", r.text, r.err, story.Duration(r.took))
}

// read makes one read and waits for it.
func read(g *grading.Grader, conn *exercise.PatientConn, limit time.Duration, stuck grading.Finding) (r result) {
	begun := time.Now()
	g.Call("Read", limit, stuck, func() { r = readNow(conn, begun) })
	g.Outcome(harness.Client, "Read: %v", r)
	return r
}

func readNow(conn net.Conn, begun time.Time) result {
	buf := make([]byte, 100)
	n, err := conn.Read(buf)
	return result{string(buf[:max(0, min(n, len(buf)))]), err, time.Since(begun)}
}

func (r result) isTimeout() bool { return r.text == "" && errors.Is(r.err, os.ErrDeadlineExceeded) }
