package exercise_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"runtime"
	"strings"
	"time"

	"socketlabs/harness"
	"socketlabs/harness/grading"
	"socketlabs/harness/story"
)

// script is what a client does: run does it, and what says it in words, after "a client that".
type script struct {
	what string
	run  func(*client)
}

// client follows a script, in a goroutine of its own.
type client struct {
	*server
	what     string
	conn     *net.TCPConn
	lines    *bufio.Reader
	since    time.Time // just before it connected, or last called send
	lastRead time.Time // just after it last read a line
}

// begin starts scripts, each with a client of its own.
func (v *server) begin(scripts ...script) {
	for _, one := range scripts {
		v.begun++
		v.scripts.Go(func() {
			c := v.connect(one.what)
			one.run(c)
			c.conn.Close()
		})
	}
}

func (v *server) connect(what string) *client {
	c := &client{server: v, what: what, since: time.Now()}
	dialer := net.Dialer{KeepAlive: -1}
	conn, err := dialer.DialContext(v.going, "tcp", v.address)
	if err != nil {
		c.fail(grading.Finding{
			Sentence: "together", Mistake: "a client can't connect", Expected: "the server listens", Seen: err.Error(),
		})
	}
	v.g.Own(conn)
	c.conn, c.lines = conn.(*net.TCPConn), bufio.NewReader(conn)
	context.AfterFunc(v.going, func() { c.conn.SetDeadline(time.Unix(1, 0)) }) // ends blocked reads and writes
	return c
}

// fail ends the script with a finding that no busy machine can cause.
func (c *client) fail(f grading.Finding) {
	c.reject(f, false)
	runtime.Goexit()
}

// perhaps ends the script with a finding that a busy machine may have caused.
func (c *client) perhaps(f grading.Finding) {
	c.reject(f, true)
	runtime.Goexit()
}

// pass waits for a while. It ends the script if the siege is over.
func (c *client) pass(pause time.Duration) {
	if !harness.Passed(c.going, pause) {
		runtime.Goexit()
	}
}

// write sends a part of a line. If it fails, a later read says why.
func (c *client) write(text string) { io.WriteString(c.conn, text) }

// send sends text, and notes when: the limits that the grader checks count from then.
func (c *client) send(text string) {
	c.since = time.Now()
	c.write(text)
}

// drip sends a line slowly, in five pieces. On a busy machine, the client may be so late that Serve has to drop it: then it shows nothing.
func (c *client) drip(line string, over time.Duration) {
	const pieces = 5
	began := time.Now()
	for i := range pieces {
		if i > 0 {
			c.pass(over / (pieces - 1))
		}
		c.send(line[i*len(line)/pieces : (i+1)*len(line)/pieces])
	}
	if time.Since(began) > c.limits.Question/10*8 {
		c.conn.Close()
		runtime.Goexit()
	}
}

func (c *client) closeWrite() { c.conn.CloseWrite() }

// ask asks a question, and expects its answer.
func (c *client) ask(sentence, question string) {
	c.send(question + "\n")
	c.expect(sentence, question)
}

// expect expects the answer to a question.
func (c *client) expect(sentence, question string) {
	want := c.usual(question)
	got := c.line(sentence)
	for pings := 0; got == "ping" && pings < 3; pings++ {
		c.expectSilentFor(c.limits.Quiet)
		c.send("pong\n") // the machine was so busy that a ping has come before the answer
		got = c.line(sentence)
	}
	if got != want {
		c.fail(grading.Finding{
			Sentence: sentence, Mistake: "the answer is wrong, for a client that " + c.what,
			Expected: brief(want) + ", in a line", Seen: brief(got),
		})
	}
}

// read reads the next line, if one comes.
func (c *client) read() (line string, err error) {
	c.conn.SetReadDeadline(time.Now().Add(c.longest()))
	if c.going.Err() != nil {
		runtime.Goexit()
	}
	return c.lines.ReadString('\n')
}

// line returns the next line. If none comes, it ends the script.
func (c *client) line(sentence string) string {
	line, err := c.read()
	switch {
	case err == nil:
		c.lastRead = time.Now()
		return strings.TrimSuffix(line, "\n")
	case errors.Is(err, os.ErrDeadlineExceeded):
		c.fail(grading.Finding{
			Sentence: sentence,
			Mistake:  "nothing comes for a client that " + c.what,
			Expected: "an answer to each question, and a ping after " + story.Duration(c.limits.Quiet) + " of silence",
			Seen:     "nothing for " + story.Duration(c.longest()),
		})
	}
	c.perhaps(grading.Finding{
		Sentence: sentence,
		Mistake:  "a healthy client is dropped: one that " + c.what,
		Expected: "it stays connected: it has kept all limits",
		Seen:     fmt.Sprintf("%s after it last sent something: %v", story.Duration(time.Since(c.since)), err),
		Read:     "lab04_compare/TestTimeoutDropsHealthyIdlePeer",
	})
	return ""
}

// brief returns a text in quotes, or its beginning if it is long.
func brief(text string) string {
	const enough = 40
	if len(text) <= enough {
		return fmt.Sprintf("%q", text)
	}
	return fmt.Sprintf("%q and %d bytes more", text[:enough], len(text)-enough)
}

// longest returns how long a client waits for a line or the end of the stream: Patience, and all limits except very long ones.
func (c *client) longest() time.Duration {
	limit := grading.Patience
	for _, l := range []time.Duration{c.limits.Question, c.limits.Answer, c.limits.Quiet} {
		if l < time.Minute {
			limit += l
		}
	}
	return limit
}

// expectSilentFor judges a ping that has just come: the client must have been silent for this long.
func (c *client) expectSilentFor(quiet time.Duration) {
	if silent := time.Since(c.since); silent < quiet {
		c.perhaps(grading.Finding{
			Sentence: "not-early",
			Mistake:  "a ping comes too early for a client that " + c.what,
			Expected: "a ping after " + story.Duration(quiet) + " of silence, and none in the middle of a question",
			Seen:     "a ping after " + story.Duration(silent),
			Read:     "lab03_keepalive/TestTrafficPostponesProbes",
		})
	}
}

// expectPing expects that the next line is a ping, and comes neither too early nor too late.
func (c *client) expectPing(sentence string) {
	began := c.since
	if c.lastRead.After(began) {
		began = c.lastRead // until then the kernel may not have taken all of an answer
	}
	got := c.line(sentence)
	if got != "ping" {
		c.fail(grading.Finding{
			Sentence: sentence, Mistake: "a silent client gets another line than a ping", Expected: `"ping"`, Seen: brief(got),
		})
	}
	c.expectSilentFor(c.limits.Quiet)
	c.expectInTime(sentence, "a ping comes too late for a client that "+c.what, began, c.limits.Quiet)
}

// expectEnd expects the end of the stream, and nothing before it.
func (c *client) expectEnd(sentence string) {
	line, err := c.read()
	if err == io.EOF && line == "" {
		return
	}
	seen := fmt.Sprintf("%s, and %v", brief(line), err)
	if errors.Is(err, os.ErrDeadlineExceeded) {
		seen = "nothing for " + story.Duration(c.longest())
	}
	c.fail(grading.Finding{
		Sentence: sentence, Mistake: "the connection isn't ended gracefully for a client that " + c.what,
		Expected: "the answers to its questions, and then the end of the stream",
		Seen:     seen,
		Read:     "lab02_reuseaddr/TestLingerZeroLosesData",
	})
}

// expectClosed reads until the connection has ended.
func (c *client) expectClosed(sentence string) {
	for {
		_, err := c.read()
		if errors.Is(err, os.ErrDeadlineExceeded) {
			c.fail(grading.Finding{
				Sentence: sentence, Mistake: "a connection stays open: that of a client that " + c.what,
				Expected: "all connections are closed at once",
				Seen:     "it is open after " + story.Duration(c.longest()),
				Read:     "lab01_timeout/TestPastDeadlineFreesBlockedRead",
			})
		}
		if err != nil {
			return
		}
	}
}
