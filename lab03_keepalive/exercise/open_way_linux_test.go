package exercise_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"socketlabs/harness/grading"
	"socketlabs/harness/link"
	"socketlabs/harness/story"
	"socketlabs/harness/wire"
)

// TestOpenWay: keepalive keeps a middlebox from forgetting an idle connection, and finds a peer that has vanished.
//
// Points: 10
// Read: TestKeepaliveKeepsMiddleboxStateAlive, TestNextProbeComesTooLateForMiddlebox, TestUserTimeoutOverridesProbeCount, TestUserTimeoutBoundsDataInFlight, lab04_compare/TestYourSettings
// Hint: The middlebox sees probes and their answers. While the peer answers, a probe comes every idle time, or every interval if that is
// longer: TestNextProbeComesTooLateForMiddlebox.
// Hint: Keepalive sends no probe while data is in flight. TCP_USER_TIMEOUT bounds that, and it overrides the probe count:
// TestUserTimeoutOverridesProbeCount.
// Hint: Write down what must hold for the idle time, the interval, the count and TCP_USER_TIMEOUT. Choose the longest idle
// time that fits, then the interval for three probes, and let TCP_USER_TIMEOUT be the sum.
// Hint: Choose all of them before you set the first: if they are impossible, nothing may change.
// Hint: Measure your numbers: go run ./labs try --box 350s --keepalive 5m,10s,3 --user-timeout 330s shows what happens to a
// connection with them, through a middlebox and when a host vanishes. So does TestYourSettings, in real time.
func TestOpenWay(t *testing.T) {
	g := grading.Start(t, link.VanishingPeers, wire.Capture)
	const memory = 2 * time.Second
	g.Step("a middlebox forgets after %v of silence", memory)
	through := newPath(t, g)
	got := through.open(memory, time.Minute)
	through.expectDone(got, memory, time.Minute)
	began := time.Now()
	link.ForgetfulMiddlebox(g.Experiment, through.near, through.far, memory, link.DropUnknown)

	p := newPath(t, g)
	p.expectFits(20*time.Hour, 24*time.Hour) // half of it is more than the kernel takes
	for range 40 {
		p.expectFits(anyTimes())
	}
	for range 10 {
		p.expectImpossible(tooShort())
	}
	newPath(t, g).leavesRestAlone()
	p.tellsErrors()

	g.Step("the middlebox has had time to forget; the peer has news")
	time.Sleep(time.Until(began.Add(memory * 21 / 20)))
	_, err := through.far.Write([]byte("!"))
	require.NoError(t, err)
	require.NoError(t, through.near.SetReadDeadline(time.Now().Add(grading.Patience)))
	_, err = through.near.Read(make([]byte, 1))
	g.Expect(err == nil, grading.Finding{
		Sentence: "way-open",
		Mistake:  "the middlebox has forgotten the connection",
		Expected: "what the peer says comes through",
		Seen:     fmt.Sprintf("%v; %v", err, through.settings()),
		Read:     "lab03_keepalive/TestKeepaliveKeepsMiddleboxStateAlive",
	})
}

// least are the shortest times that a memory allows: an idle time, and three probes a second apart.
func least(memory time.Duration) time.Duration {
	quarter := (memory/4 + time.Second - 1).Truncate(time.Second)
	return quarter + 3*time.Second
}

// anyTimes are some for which there are settings; often those at the edge.
func anyTimes() (memory, within time.Duration) {
	memory = 2*time.Second + rand.N([]time.Duration{time.Millisecond, 5 * time.Second, time.Minute, time.Hour, 20 * time.Hour}[rand.N(5)])
	within = least(memory) + rand.N([]time.Duration{time.Millisecond, 3 * time.Second, time.Minute, 20 * time.Hour}[rand.N(4)])
	return memory.Truncate(time.Millisecond), within.Truncate(time.Millisecond)
}

// tooShort are some for which there are none.
func tooShort() (memory, within time.Duration) {
	if rand.N(2) == 0 {
		return grading.Between(time.Millisecond, 1999*time.Millisecond), time.Minute
	}
	memory, _ = anyTimes()
	return memory, least(memory) - 1 - rand.N(least(memory)-time.Second)
}

func (p *path) expectDone(got wayOpened, memory, within time.Duration) {
	p.t.Helper()
	f := grading.Finding{
		Sentence: "impossible",
		Mistake:  "it is taken for impossible, and is not",
		Expected: fmt.Sprintf("there are settings for a memory of %v and a peer found within %v", memory, within),
		Seen:     fmt.Sprint(got.Err.Err()),
	}
	if !got.Impossible {
		f.Sentence, f.Mistake = "told", "an error is returned, and there was none"
	}
	p.g.Expect(got.Err == nil, f)
}

// expectFits looks at what was set.
func (p *path) expectFits(memory, within time.Duration) {
	p.t.Helper()
	p.g.Step("the middlebox forgets after %v, and a peer that has vanished is to be found within %v", memory, within)
	p.expectDone(p.open(memory, within), memory, within)
	s := p.settings()
	expect := func(ok bool, sentence, mistake, expected, shownBy, read string) {
		p.t.Helper()
		p.g.Expect(ok, grading.Finding{Sentence: sentence, Mistake: mistake, Expected: expected,
			Seen: s.String() + "; see what comes of it: " + s.try(memory, shownBy), Read: "lab03_keepalive/" + read})
	}
	idle, interval := time.Duration(s.Idle)*time.Second, time.Duration(s.Interval)*time.Second
	expect(s.Probes, "way-open", "keepalive is off", "probes", "middlebox forgets, idle", "TestKeepaliveKeepsMiddleboxStateAlive")
	expect(max(idle, interval) <= memory/2, "way-open", "a single probe that gets lost lets the middlebox forget",
		"a probe at least every "+story.Duration(memory/2), "middlebox forgets, idle", "TestNextProbeComesTooLateForMiddlebox")
	expect(idle >= memory/4, "no-more", "probes are sent more often than the middlebox needs them",
		"silence of at least "+story.Duration(memory/4)+" before a probe", "host reboots, idle", "TestTrafficPostponesProbes")
	probes, dead := s.unanswered()
	expect(dead <= within, "found", "a peer that has vanished is found too late: after "+story.Duration(dead),
		"within "+story.Duration(within), "host vanishes, idle", "TestUserTimeoutOverridesProbeCount")
	expect(probes >= 3, "three-probes", "the connection is dead after "+story.Count(probes, "probe"),
		"three probes, each with a whole interval for its answer", "host vanishes, idle", "TestUserTimeoutOverridesProbeCount")
	expect(s.UserTimeout > 0 && s.UserTimeout <= within, "data-too", "what was sent may stay unacknowledged for longer",
		"a bound of "+story.Duration(within)+" at most", "host vanishes, request pending", "TestUserTimeoutBoundsDataInFlight")
}

func (p *path) expectImpossible(memory, within time.Duration) {
	p.t.Helper()
	p.g.Step("the middlebox forgets after %v, and a peer that has vanished is to be found within %v: no settings do that", memory, within)
	before := p.settings()
	got := p.open(memory, within)
	after := p.settings()
	p.g.Expect(got.Impossible && cmp.Equal(before, after), grading.Finding{
		Sentence: "impossible",
		Mistake:  "it sets options that do not do what was asked for",
		Expected: fmt.Sprintf("ErrImpossible, and still: %v", before),
		Seen:     fmt.Sprintf("the error: %v, and: %v", got.Err.Err(), after),
		Read:     "lab03_keepalive/TestLimitsOfSettings",
	})
}

func (p *path) leavesRestAlone() {
	p.t.Helper()
	p.g.Step("options are compared, before and after, and another connection's")
	require.NoError(p.t, errors.Join(p.near.SetNoDelay(false), p.near.SetReadBuffer(40_000), p.near.SetWriteBuffer(50_000)))
	other := newPath(p.t, p.g)
	before, others := p.settings().Rest, other.settings()
	p.open(time.Minute, time.Hour)
	after := p.settings().Rest
	p.g.Expect(cmp.Equal(before, after) && cmp.Equal(others, other.settings()), grading.Finding{
		Sentence: "rest-alone",
		Mistake:  "options are changed that have nothing to do with it",
		Expected: "they stay as they were",
		Seen:     cmp.Diff(before, after) + cmp.Diff(others, other.settings()),
	})
}

func (p *path) tellsErrors() {
	p.t.Helper()
	p.g.Step("the connection is closed already")
	p.g.Prepare("a close", func() { p.g.Conn(p.conn).Close() })
	got := p.open(time.Minute, time.Hour)
	p.g.Expect(errors.Is(got.Err.Err(), net.ErrClosed), grading.Finding{
		Sentence: "told",
		Mistake:  "an error is lost: the caller believes that all is set",
		Expected: "an error by which errors.Is finds net.ErrClosed",
		Seen:     fmt.Sprint(got.Err.Err()),
		Read:     "lab03_keepalive/TestDialerHidesRefusedSettings",
	})
}
