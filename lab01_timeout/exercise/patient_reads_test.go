package exercise_test

import (
	"errors"
	"fmt"
	"io"
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

// patient is a PatientConn in the student's process, with what the grader knows of it.
type patient struct {
	g        *grading.Grader
	of       grading.Conn // the PatientConn, for the driver
	net.Conn              // the PatientConn, for the grader
	inside   net.Conn     // the Conn inside
	script   *scripted    // the Conn inside, if it is scripted
	timeout  time.Duration
	callers  time.Time // the caller's read deadline
	settings int       // how often the caller has set the write deadline
}

// connected returns a connection: conn is the end in the student's process, and server the other end.
func connected(g *grading.Grader) (conn grading.Conn, server *net.TCPConn) {
	listener := peer.ListenNoKeepalive(g.Experiment)
	defer listener.Close()
	conn = g.Dial(listener.Addr().String())
	server, err := listener.AcceptTCP()
	require.NoError(g.T(), err)
	g.Own(server)
	return conn, server
}

// readAll reads everything that comes on a connection, until its end.
func readAll(g *grading.Grader, conn net.Conn) (read chan []byte) {
	read = make(chan []byte, 1)
	g.Experiment.Go(func() {
		got, _ := io.ReadAll(conn)
		read <- got
	})
	return read
}

// newPatient makes a PatientConn around a connection whose other end is returned.
func newPatient(g *grading.Grader, timeout time.Duration) (p *patient, server *net.TCPConn) {
	conn, server := connected(g)
	return around(g, conn, timeout), server
}

// aroundScript makes a PatientConn around a scripted connection.
func aroundScript(g *grading.Grader, s *scripted, timeout time.Duration) *patient {
	p := around(g, g.Script(s), timeout)
	p.script = s
	return p
}

func around(g *grading.Grader, conn grading.Conn, timeout time.Duration) *patient {
	p := &patient{g: g, inside: g.Conn(conn), timeout: timeout}
	g.Prepare("making a PatientConn", func() { p.of = newPatientConn.On(g, patientFields{conn, timeout}) })
	p.Conn = g.Conn(p.of)
	return p
}

func (p *patient) setTimeout(to time.Duration) {
	p.timeout = to
	p.g.Prepare("setting Timeout", func() { setTimeoutOf.On(p.g, setTimeout{p.of, to}) })
}

// waysToSet are how the caller can set a deadline for reads.
var waysToSet = []string{"SetReadDeadline", "SetDeadline"}

// setReadDeadline sets the caller's deadline.
func (p *patient) setReadDeadline(deadline time.Time) (err error) {
	return p.setBy("SetReadDeadline", deadline)
}

func (p *patient) setBy(way string, deadline time.Time) (err error) {
	p.g.T().Helper()
	set := p.SetReadDeadline
	if way == "SetDeadline" {
		set = p.SetDeadline
		defer func() {
			if err == nil {
				p.settings++
			}
		}()
	}
	p.callers = deadline
	p.g.Call(way, 0, grading.Finding{
		Sentence: "moved-deadline",
		Mistake:  way + " waits for the read",
		Expected: "it returns at once, even while a read waits",
		Read:     "lab01_timeout/TestPastDeadlineFreesBlockedRead",
	}, func() { err = set(deadline) })
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

// inOneLine returns the text of an error in one line: errors.Join writes several.
func inOneLine(err error) string { return strings.ReplaceAll(story.ErrorText(err), "\n", "; ") }

func (r result) isTimeout() bool { return r.text == "" && errors.Is(r.err, os.ErrDeadlineExceeded) }

// read makes one read and waits for it.
func (p *patient) read(limit time.Duration, stuck grading.Finding) (r result) {
	reading := p.begin()
	reading.Wait(limit, stuck)
	p.g.Outcome(harness.Client, "Read: %v", reading.result)
	p.expectTimeAtConn(reading.begun)
	return reading.result
}

// expectTimeAtConn checks that the deadline that the Conn had during a read was not before the end of the read's timeout. This grades a
// long timeout without waiting for its end. Code that measures the time in another way leaves the Conn with the caller's deadline, or
// with none, and passes.
func (p *patient) expectTimeAtConn(begun time.Time) {
	p.g.T().Helper()
	if p.script == nil || !p.callers.IsZero() && time.Now().After(p.callers) {
		return
	}
	last := p.script.lastRead()
	if last.at.Before(begun) {
		return // this read did not read the Conn: it returns bytes that the Conn has returned together with a timeout
	}
	if p.timeout > 0 && last.at.Sub(begun) >= p.timeout-slack {
		return // the machine is so busy that the timeout was over before the Conn's read began
	}
	by := last.by
	if by.IsZero() || !p.callers.IsZero() && !by.Before(p.callers) {
		return
	}
	f := grading.Finding{
		Sentence: "zero-waits",
		Mistake:  "a read without a timeout has a deadline",
		Expected: "during the read, the Conn has the caller's deadline, or none",
		Seen:     moment(by),
		Read:     "lab01_timeout/TestDefaultsAreNoTimeout",
	}
	p.g.Expect(p.timeout > 0, f)
	f.Sentence, f.Mistake = "whole-timeout", "a read does not have the whole timeout"
	f.Expected = "the Conn's read may wait for " + p.timeout.String() + " from the beginning of the read"
	f.Seen = "the deadline of the Conn's read is " + by.Sub(begun).String() + " after the beginning of the read"
	f.Read = "lab01_timeout/TestDeadlineSetOnceEndsConversation"
	p.g.Expect(by.Sub(begun) >= p.timeout-slack, f)
}

// reading is a read that has begun.
type reading struct {
	*grading.Running
	begun time.Time // wall clock
	result
}

func (p *patient) begin() *reading { return p.beginInto(mostRead) }

func (p *patient) beginInto(room int) *reading {
	r := &reading{begun: time.Now().Round(0)}
	r.Running = p.g.Go("Read", func() { r.result = readNow(p.Conn, room) })
	return r
}

// mostRead is how many bytes a read has room for, unless it has no room at all.
const mostRead = 100

func readNow(conn net.Conn, room int) result {
	begun := time.Now()
	buf := make([]byte, room)
	n, err := conn.Read(buf)
	return result{string(buf[:max(0, min(n, len(buf)))]), err, time.Since(begun)}
}

// expectBytesOfTimeout: the Conn's read times out, after the duration after, and returns bytes together with its error. The PatientConn may
// return the bytes with the error, or without it, or from the next read, which has the Timeout next, and for which the caller has removed
// the deadline.
func (p *patient) expectBytesOfTimeout(timeout, after, next time.Duration) {
	p.g.T().Helper()
	late := grading.Text(6)
	p.script.change(func() { p.script.results, p.script.withTimeout = nil, []byte(late) })
	p.setTimeout(timeout)
	p.g.Step("at the timeout, the Conn's read returns %q together with the error", late)
	lost := grading.Finding{
		Sentence: "nothing-lost",
		Mistake:  "bytes that come together with a timeout are lost",
		Expected: fmt.Sprintf("%q, with the error, without it, or from the next read", late),
		Read:     "lab01_timeout/TestTimedOutReadLosesNothing",
	}
	got := p.read(after, lost)
	lost.Seen = got.String()
	if got.text == "" {
		if !p.callers.IsZero() && !time.Now().Before(p.callers) {
			p.expectCallers()
		}
		p.script.change(func() {
			if p.script.results = nil; len(p.script.withTimeout) > 0 {
				next = after // the machine is so busy that the read has not read the Conn: the next one must time out
			}
		})
		p.setReadDeadline(time.Time{})
		p.setTimeout(next)
		for i := 0; i < 4 && len(got.text) < len(late); i++ { // one has no room for all; on a busy machine, the first may not have read the Conn
			reading := p.beginInto(len(late) - 2)
			reading.Wait(after, lost)
			got.text += reading.text
			lost.Seen = fmt.Sprintf("%s, %q in all", reading, got.text)
		}
	}
	p.g.Expect(got.text == late, lost)
}

// expectBytesAfterTimeout: bytes come directly after the Conn's read has timed out.
func (p *patient) expectBytesAfterTimeout(timeout time.Duration) {
	p.g.T().Helper()
	late := grading.Text(6)
	p.script.change(func() { p.script.results, p.script.afterTimeout = nil, []byte(late) })
	p.setTimeout(timeout)
	p.g.Step("%q comes directly after the timeout", late)
	lost := grading.Finding{
		Sentence: "nothing-lost",
		Mistake:  "what comes after a timeout is lost",
		Expected: fmt.Sprintf("a timeout, and then %q", late),
		Read:     "lab01_timeout/TestTimedOutReadLosesNothing",
	}
	p.expectTimeout(p.read(timeout, lost), timeout)
	p.setTimeout(time.Minute) // on a busy machine, a short one may be over before the Conn's read begins
	got := p.read(0, lost)
	lost.Seen = got.String()
	p.g.Expect(got.text == late && got.err == nil, lost)
}
