package exercise_test

import (
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"os"
	"strings"
	"time"

	"github.com/stretchr/testify/require"

	"socketlabs/harness"
	"socketlabs/harness/grading"
	"socketlabs/harness/story"
)

// refusals: the Conn refuses deadlines, with several kinds of errors.
func refusals(g *grading.Grader) {
	refused := grading.Mark("this tunnel has no deadlines")
	for _, with := range []struct{ err, is error }{
		{refused, refused},
		{fmt.Errorf("the tunnel: %w", os.ErrNoDeadline), os.ErrNoDeadline},
		{&net.OpError{Op: "set", Net: "tunnel", Err: net.ErrClosed}, net.ErrClosed},
	} {
		s := newScripted(scriptedRead{data: []byte("!")})
		accepts := s.settingRead
		refuses := func(time.Time) error { return with.err }
		s.settingRead = refuses
		p := aroundScript(g, s, time.Minute)
		g.Step("a connection that refuses every deadline: %v", with.err)
		for range 2 {
			p.expectRefusedRead(with.is)
		}
		p.expectRefusal("SetReadDeadline", hour, with.is)
		p.expectRefusal("SetDeadline", hour, with.is)

		g.Step("a connection that refuses deadlines for writes only: %v", with.err)
		s.settingRead, s.settingWrite = accepts, refuses
		p.expectRefusal("SetDeadline", hour, with.is)

		g.Step("a connection that takes deadlines, and after a read refuses every one: %v", with.err)
		s = newScripted(scriptedRead{data: []byte("!")}, scriptedRead{data: []byte("!")})
		p = aroundScript(g, s, time.Minute)
		p.read(0, hasCome)
		s.settingRead = refuses
		p.expectRefusedRead(with.is)

		g.Step("a connection that refuses every deadline, and a read with Timeout 0: %v", with.err)
		s = newScripted(scriptedRead{data: []byte("!")})
		s.settingRead = refuses
		aroundScript(g, s, 0).expectResult(scriptedRead{data: []byte("!")})
		acceptsAgain(g, with.err, with.is)
	}
	broken := grading.Mark("the tunnel has broken down")
	for _, result := range []scriptedRead{{data: []byte("!")}, {err: io.EOF}, {data: []byte("!"), err: broken}} {
		refusedMeanwhile(g, refused, result)
	}
}

// acceptsAgain: a connection refuses a deadline of the caller's, and then accepts the same one. It also refuses a read's, and then accepts
// the next read's.
func acceptsAgain(g *grading.Grader, refused, is error) {
	s := newScripted()
	accepts := s.settingRead
	p := aroundScript(g, s, time.Minute)
	refuses := func(time.Time) error { return refused }
	for _, i := range rand.Perm(len(waysToSet)) {
		g.Step("a connection that refuses the caller's deadline, and then accepts it: %v", refused)
		s.settingRead = refuses
		p.expectRefusal(waysToSet[i], hour, is)
		s.settingRead = accepts
		p.expectSetting(waysToSet[i], p.callers)
		g.Step("a connection that refuses the timeout of a read, and then accepts that of the next one: %v", refused)
		s.settingRead = refuses
		p.expectRefusedRead(is)
		s.settingRead = accepts
		p.expectCallers()
	}
}

// expectRefusedRead: a read needs a deadline for its timeout, and the Conn refuses it.
func (p *patient) expectRefusedRead(with error) {
	p.g.T().Helper()
	before, writes := p.script.countReads(), p.script.countWriteSettings()
	got := p.begin()
	got.Wait(0, hasCome)
	p.expectWritesAlone("a read whose timeout is refused", writes)
	p.g.Outcome(harness.Client, "Read: %v", got.result)
	p.g.Expect(errors.Is(got.err, with) && p.script.countReads() == before, grading.Finding{
		Sentence: "refused-deadline",
		Mistake:  "a read goes on without its timeout",
		Expected: "the Conn's error: " + with.Error(),
		Seen:     got.String(),
	})
}

// expectRefusal: the caller sets a deadline, and the Conn refuses it. The deadline is now + after, so it has passed if after is negative.
// If after is 0, the caller removes the deadline.
func (p *patient) expectRefusal(way string, after time.Duration, with error) {
	p.g.T().Helper()
	var deadline time.Time
	if after != 0 {
		deadline = time.Now().Add(after)
	}
	writes := p.script.countWriteSettings()
	err := p.setBy(way, deadline)
	if way == "SetReadDeadline" {
		p.expectWritesAlone("SetReadDeadline, which is refused,", writes)
	}
	p.g.Expect(errors.Is(err, with), grading.Finding{
		Sentence: "refused-deadline",
		Mistake:  way + " loses the Conn's error",
		Expected: "the Conn's error: " + with.Error(),
		Seen:     fmt.Sprintf("%s, for %s", inOneLine(err), moment(deadline)),
	})
}

// expectWritesAlone: what was done for reads has not set the write deadline, which was set so often before.
func (p *patient) expectWritesAlone(what string, before int) {
	p.g.T().Helper()
	now := p.script.countWriteSettings()
	p.g.Expect(now == before, grading.Finding{
		Sentence: "writes-alone",
		Mistake:  what + " sets the write deadline",
		Expected: "the Conn's write deadline is not set",
		Seen:     "it is set " + story.Count(now-before, "time"),
		Read:     "lab01_timeout/TestReadDeadlineLeavesWritesAlone",
	})
}

func (c *scripted) countWriteSettings() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.writeSettings
}

func (c *scripted) countReads() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.reads)
}

// refusedMeanwhile: while a read waits, the Conn begins to refuse deadlines. Then the Conn's read returns, with the given result.
func refusedMeanwhile(g *grading.Grader, refused error, result scriptedRead) {
	s := newScripted()
	p := aroundScript(g, s, time.Minute)
	var refuses error
	s.settingRead = func(time.Time) error {
		s.mu.Lock()
		defer s.mu.Unlock()
		return refuses
	}
	g.Step("while a read waits, its connection begins to refuse deadlines: %v", refused)
	reading := p.begin()
	s.await(func() bool { return len(s.reads) > 0 }, grading.Patience)
	p.setReadDeadline(time.Now().Add(2 * hour))
	s.change(func() { refuses = refused })
	for _, i := range rand.Perm(len(waysToSet)) {
		p.expectRefusal(waysToSet[i], 0, refused)
		p.expectRefusal(waysToSet[i], hour, refused)
		p.expectRefusal(waysToSet[i], -hour, refused)
	}
	s.change(func() { s.results = []scriptedRead{result} })
	reading.Wait(0, hasCome)
	isSo := reading.text == string(result.data) && inOneLine(reading.err) == inOneLine(result.err)
	g.Expect(isSo, grading.Finding{
		Sentence: "same-result",
		Mistake:  "a read loses its result when the Conn refuses to set the caller's deadline again",
		Expected: fmt.Sprintf("%q, %s: what the Conn's read returns", result.data, inOneLine(result.err)),
		Seen:     reading.String(),
	})
	g.Step("the connection accepts deadlines again")
	s.change(func() { refuses = nil })
	p.expectSetting("SetReadDeadline", time.Time{})
}

// nothingComesLater: a read that returns before its timeout leaves nothing behind that sets a deadline later.
func nothingComesLater(g *grading.Grader) {
	timeout := grading.Between(40*time.Millisecond, 60*time.Millisecond)
	g.Step("reads that end before their timeout of %v, and the Conn's deadlines after that time", timeout)
	results := []scriptedRead{{data: []byte("!")}, {err: io.EOF}, {err: grading.Mark("the tunnel has broken down")}, {}}
	var all []*patient
	for _, result := range results {
		p := aroundScript(g, newScripted(result), timeout)
		p.read(timeout, hasCome)
		all = append(all, p)
	}
	time.Sleep(timeout + timeout/2)
	for _, p := range all {
		p.expectDeadlines(p.script, time.Time{}, time.Time{})
	}
}

// reset: a real server resets two connections. One of them is read directly, and the PatientConn must return the same for the other.
func reset(g *grading.Grader) {
	g.Step("a server has reset two connections; one is read directly, and the other with a PatientConn")
	plain, server := connected(g)
	p, other := newPatient(g, time.Minute)
	for _, server := range []*net.TCPConn{server, other} {
		require.NoError(g.T(), server.SetLinger(0))
		require.NoError(g.T(), server.Close())
	}
	var of result
	var places *strings.Replacer
	g.Prepare("a read of the Conn", func() {
		conn := g.Conn(plain)
		places = strings.NewReplacer(conn.LocalAddr().String(), p.inside.LocalAddr().String(),
			conn.RemoteAddr().String(), p.inside.RemoteAddr().String())
		of = readNow(conn, mostRead)
	})
	want, got := places.Replace(inOneLine(of.err)), p.read(0, hasCome)
	g.Expect(got.text == of.text && inOneLine(got.err) == want, grading.Finding{
		Sentence: "same-result",
		Mistake:  "a read does not return what the Conn's read returns",
		Expected: fmt.Sprintf("%q, %s", of.text, want),
		Seen:     got.String(),
		Read:     "lab01_timeout/TestErrorsTellSlowFromDead",
	})
}

// closed: while a read waits, the caller writes, and then closes the PatientConn.
func closed(g *grading.Grader) {
	for _, timeout := range []time.Duration{0, time.Minute} {
		g.Step("while a read waits, with a timeout of %v, the caller writes, and then closes its connection", timeout)
		p := aroundScript(g, newScripted(), timeout)
		p.script.room = 1
		reading := p.begin()
		p.script.await(func() bool { return len(p.script.reads) > 0 }, grading.Patience)
		f := grading.Finding{
			Sentence: "it-returns",
			Mistake:  "Write waits for the read",
			Expected: "it writes at once, even while a read waits",
		}
		g.Call("Write", 0, f, func() { p.Write([]byte("?")) })
		f.Mistake, f.Expected = "Close waits for the read", "it closes the Conn at once, even while a read waits"
		g.Call("Close", 0, f, func() { p.Close() })
		f.Mistake, f.Expected = "a read goes on waiting after the Conn's read has returned", "it returns the Conn's error: "+net.ErrClosed.Error()
		reading.Wait(0, f)
		f.Sentence, f.Mistake, f.Seen = "same-result", "a read does not return what the Conn's read returns", reading.String()
		g.Expect(reading.text == "" && errors.Is(reading.err, net.ErrClosed), f)
	}
}
