package exercise_test

import (
	"errors"
	"fmt"
	"net"
	"os"
	"strings"
	"time"

	"github.com/stretchr/testify/require"

	"socketlabs/harness"
	"socketlabs/harness/grading"
	"socketlabs/harness/peer"
	"socketlabs/harness/story"
)

// patient is a PatientConn in the student's process, and what is around it.
type patient struct {
	g        *grading.Grader
	of       grading.Conn
	net.Conn          // the PatientConn
	inside   net.Conn // its Conn
}

// connected is a connection whose one end is in the student's process.
func connected(g *grading.Grader) (conn grading.Conn, server *net.TCPConn) {
	listener := peer.ListenNoKeepalive(g.Experiment)
	defer listener.Close()
	conn = g.Dial(listener.Addr().String())
	server, err := listener.AcceptTCP()
	require.NoError(g.T(), err)
	g.Own(server)
	return conn, server
}

// newPatient makes a PatientConn around a connection whose other end is returned.
func newPatient(g *grading.Grader, timeout time.Duration) (p *patient, server *net.TCPConn) {
	conn, server := connected(g)
	return around(g, conn, timeout), server
}

func around(g *grading.Grader, conn grading.Conn, timeout time.Duration) *patient {
	p := &patient{g: g, inside: g.Conn(conn)}
	g.Prepare("making a PatientConn", func() { p.of = newPatientConn.On(g, patience{conn, timeout}) })
	p.Conn = g.Conn(p.of)
	return p
}

func (p *patient) setTimeout(to time.Duration) {
	p.g.Prepare("setting Timeout", func() { setTimeoutOf.On(p.g, setTimeout{p.of, to}) })
}

// setReadDeadline sets the caller's deadline.
func (p *patient) setReadDeadline(deadline time.Time) (err error) {
	p.g.Call("SetReadDeadline", 0, grading.Finding{
		Sentence: "moved-deadline",
		Mistake:  "SetReadDeadline waits for the read",
		Expected: "it returns at once, even while a read waits",
		Read:     "lab01_timeout/TestPastDeadlineFreesBlockedRead",
	}, func() { err = p.SetReadDeadline(deadline) })
	return err
}

// result is what a read has returned.
type result struct {
	text string
	err  error
	took time.Duration
}

func (r result) String() string {
	return fmt.Sprintf("%q, %s, after %s", r.text, inOneLine(r.err), story.Duration(r.took))
}

// inOneLine says an error that may have several lines: those of errors.Join.
func inOneLine(err error) string { return strings.ReplaceAll(story.ErrorText(err), "\n", "; ") }

func (r result) isTimeout() bool { return r.text == "" && errors.Is(r.err, os.ErrDeadlineExceeded) }

// read makes one read and waits for it.
func (p *patient) read(limit time.Duration, stuck grading.Finding) (r result) {
	reading := p.begin()
	reading.Wait(limit, stuck)
	p.g.Outcome(harness.Client, "Read: %v", reading.result)
	return reading.result
}

// reading is a read that was begun.
type reading struct {
	*grading.Running
	result
}

func (p *patient) begin() *reading { return p.beginInto(mostRead) }

func (p *patient) beginInto(room int) *reading {
	r := new(reading)
	r.Running = p.g.Go("Read", func() { r.result = readNow(p.Conn, room) })
	return r
}

// mostRead is how many bytes a read has room for, but for those that have none.
const mostRead = 100

func readNow(conn net.Conn, room int) result {
	begun := time.Now()
	buf := make([]byte, room)
	n, err := conn.Read(buf)
	return result{string(buf[:max(0, min(n, len(buf)))]), err, time.Since(begun)}
}
