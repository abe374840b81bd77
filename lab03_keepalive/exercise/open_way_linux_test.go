package exercise_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

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
// time that fits, then the interval for three probes. TCP_USER_TIMEOUT is the sum of the idle time and three intervals.
// Hint: Choose all of them before you set the first: if they are impossible, nothing may change.
// Hint: Measure your numbers: go run ./labs try --box 350s --keepalive 5m,10s,3 --user-timeout 330s shows what happens to a
// connection with them, through a middlebox and when a host vanishes. So does TestYourSettings, in real time.
func TestOpenWay(t *testing.T) {
	g := grading.Start(t, link.VanishingPeers, wire.Capture)
	p := &opening{g: g, setter: &setter{
		g: g, name: "OpenWay", on: openWay, sets: "TCP_USER_TIMEOUT",
		rest: "rest-alone", alone: "rest-alone", ends: "nothing-left", prompt: "it-returns", told: "told",
		read:  "lab03_keepalive/TestKeepaliveKeepsMiddleboxStateAlive",
		stuck: grading.Finding{Sentence: "it-returns", Mistake: "the call does not return", Expected: "it chooses settings, and returns"},
		any:   anyTimes,
	}}
	p.setter.before, p.setter.check = p.setBefore, p.checkSettings
	const idleTimeout = 2 * time.Second
	anew := p.setAnew(times{4 * time.Second, idleTimeout}) // a timer that runs for idleTimeout has fired at the end
	g.Step("a middlebox has an idle timeout of %v", idleTimeout)
	through := connect(g, grading.AnyHost())
	near := through.near()
	p.judge(through, times{time.Minute, idleTimeout})
	began := time.Now()
	link.ForgetfulMiddlebox(g.Experiment, near, through.peer, idleTimeout, link.DropUnknown)

	c := connect(g, grading.AnyHost())
	p.fits(c)
	p.impossible(c)
	p.anyConnection()
	for _, host := range grading.Hosts() {
		c := connect(g, host)
		p.leavesRestAlone(c, times{time.Minute, time.Minute})
		p.tellsErrors(c, times{time.Hour, time.Minute}, map[string]refusal{
			"SO_KEEPALIVE":     {unix.SOL_SOCKET, unix.SO_KEEPALIVE, 0},
			"TCP_KEEPIDLE":     {unix.IPPROTO_TCP, unix.TCP_KEEPIDLE, 1234},
			"TCP_KEEPINTVL":    {unix.IPPROTO_TCP, unix.TCP_KEEPINTVL, 1234},
			"TCP_KEEPCNT":      {unix.IPPROTO_TCP, unix.TCP_KEEPCNT, 123},
			"TCP_USER_TIMEOUT": {unix.IPPROTO_TCP, unix.TCP_USER_TIMEOUT, 7_654_321},
		})
	}
	p.judgeDeadlines()
	p.took.judge(g, "OpenWay", p.prompt)

	g.Step("the middlebox's idle timeout has passed; the peer sends a byte")
	time.Sleep(time.Until(began.Add(idleTimeout * 21 / 20)))
	_, err := through.peer.Write([]byte("!"))
	require.NoError(t, err)
	f := grading.Finding{
		Sentence: "way-open",
		Mistake:  "the middlebox has forgotten the connection",
		Expected: "what the peer sends arrives",
		Read:     "lab03_keepalive/TestKeepaliveKeepsMiddleboxStateAlive",
	}
	read := through.read()
	read.Wait(0, f)
	f.Seen = fmt.Sprintf("%v; %v", read.err, through.settings())
	g.Expect(read.err == nil, f)
	anew.isAsSet()
}

// opening grades OpenWay.
type opening struct {
	*setter
	g *grading.Grader
}

// setBefore sets what Go or the caller may have set before the call: keepalive, and TCP_USER_TIMEOUT.
func (p *opening) setBefore(c *conn, t times) {
	p.g.T().Helper()
	switch rand.N(3) {
	case 0:
		c.setKeepalive(1, 15, 15, 9) // as Go does
	case 1:
		c.setKeepalive(rand.N(2), 1+rand.N(32767), 1+rand.N(32767), 1+rand.N(127))
	}
	mayFit := int(max(0, min(t.Within.Milliseconds(), math.MaxInt32)))
	c.setOption(unix.IPPROTO_TCP, unix.TCP_USER_TIMEOUT, []int{0, mayFit, 1 + rand.N(1000), 1 + rand.N(math.MaxInt32)}[rand.N(4)])
}

// least returns the shortest time `within` that is possible with this idle timeout of a middlebox: the shortest idle time
// of keepalive, and three intervals of a second.
func least(idleTimeout time.Duration) time.Duration {
	quarter := (idleTimeout/4 + time.Second - 1).Truncate(time.Second)
	return quarter + 3*time.Second
}

// anyTimes returns random times for which there are settings. Often, one of them is the shortest possible.
func anyTimes() times {
	more := []time.Duration{time.Millisecond, 5 * time.Second, time.Minute, time.Hour, 34 * time.Hour}[rand.N(5)]
	idleTimeout := 2*time.Second + rand.N(more)
	if rand.N(4) == 0 {
		idleTimeout = idleTimeout.Truncate(time.Second)
	}
	within := least(idleTimeout) + rand.N([]time.Duration{time.Millisecond, 3 * time.Second, time.Minute, 20 * time.Hour}[rand.N(4)])
	return times{within.Truncate(time.Millisecond), idleTimeout.Truncate(time.Millisecond)}
}

// tooShort returns random times, one of which is too short: there are no settings for them.
func tooShort() times {
	if rand.N(2) == 0 {
		return times{time.Minute, grading.Between(time.Millisecond, 1999*time.Millisecond)}
	}
	idleTimeout := anyTimes().IdleTimeout
	return times{least(idleTimeout) - 1 - rand.N(least(idleTimeout)-time.Second), idleTimeout}
}

// longest is the longest idle timeout of a middlebox for which there are settings: a quarter of it is the longest idle time
// that the kernel takes. (An idle timeout that is up to 3 ns longer has the same quarter, in whole nanoseconds.)
const longest = 4 * 32767 * time.Second

// fits grades calls with times for which there are settings.
func (p *opening) fits(c *conn) {
	p.g.T().Helper()
	const long = 1000 * time.Hour
	all := []times{
		{24 * time.Hour, 20 * time.Hour}, // half of the idle timeout is more than the kernel takes
		{48 * time.Hour, longest}, {least(longest), longest}, {least(longest), longest - 1},
		{4 * time.Second, 2 * time.Second}, {4 * time.Second, 4 * time.Second},
		{5 * time.Second, 4*time.Second + 4}, {5 * time.Second, 8 * time.Second}, {least(65532 * time.Second), 65532 * time.Second},
		{least(65534 * time.Second), 65534 * time.Second}, {least(65536 * time.Second), 65536 * time.Second},
		{long, time.Minute}, {long, longest}, {long, 2 * time.Second},
		{2_147_484 * time.Second, time.Minute}, // in milliseconds, that is just more than the option can hold
	}
	for range 50 {
		t := anyTimes()
		all = append(all, t, times{t.Within + rand.N(time.Minute), t.IdleTimeout}) // the same idle timeout again
	}
	rand.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	p.g.Step("%d pairs of times for which there are settings", len(all))
	for _, t := range all {
		p.judge(c, t)
	}
}

// impossible grades calls with times for which there are no settings.
func (p *opening) impossible(c *conn) {
	p.g.T().Helper()
	const long = 1000 * time.Hour
	all := []times{
		{24 * time.Hour, longest + 4}, {48 * time.Hour, longest + 4*time.Second}, {long, long}, {least(longest) - 1, longest},
		{time.Minute, 2*time.Second - 1}, {time.Minute, 1}, {time.Minute, 0}, {time.Minute, -1}, {time.Hour, -time.Minute},
		{0, time.Minute}, {-1, time.Minute}, {-time.Hour, time.Minute}, {-long, time.Hour}, {long, -long}, {0, 0}, {-time.Hour, -time.Minute},
		{4*time.Second - 1, 2 * time.Second}, {5*time.Second - 1, 4*time.Second + 4},
	}
	for range 20 {
		all = append(all, tooShort())
	}
	rand.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	p.g.Step("%d pairs of times for which there are no settings", len(all))
	for _, t := range all {
		p.setBefore(c, t)
		was, others := c.settings(), p.unconcerned(c)
		got := p.set(c, t)
		is := c.settings()
		p.g.Expect(got.Impossible && is == was, grading.Finding{
			Sentence: "impossible",
			Mistake:  "there are no settings for these times: ErrImpossible is not returned, or options are changed",
			Expected: fmt.Sprintf("for %v: ErrImpossible, and the settings are as before: %v", t, was),
			Seen:     fmt.Sprintf("error: %v; settings: %v", got.Err.Err(), is),
			Read:     "lab03_keepalive/TestLimitsOfSettings",
		})
		p.isUnconcerned(c, others, "there are no settings for these times, and something else of the connection is changed")
	}
	p.isOpen(p.set(c, anyTimes()), "when there are no settings")
	p.keepsDeadline(c, "for which there are no settings", func() { p.set(c, times{time.Minute, time.Second}) })
}

func (t times) String() string {
	return fmt.Sprintf("idleTimeout = %v and within = %v", t.IdleTimeout, t.Within)
}

// checkSettings judges what was set.
func (p *opening) checkSettings(c *conn, t times, got watched) {
	p.g.T().Helper()
	idleTimeout, within := t.IdleTimeout, t.Within
	f := grading.Finding{
		Sentence: "told",
		Mistake:  "an error is returned, although there are settings for these times",
		Expected: "no error for " + t.String(),
		Seen:     fmt.Sprint(got.Err.Err()),
	}
	if got.Impossible {
		f.Sentence, f.Mistake = "impossible", "ErrImpossible is returned, although there are settings for these times"
	}
	p.g.Expect(got.Err == nil, f)
	s := c.settings()
	expect := func(ok bool, sentence, mistake, expected, shownBy, read string) {
		p.g.T().Helper()
		p.g.Expect(ok, grading.Finding{Sentence: sentence, Mistake: mistake, Expected: expected,
			Seen: s.String() + "; to see what these settings do: " + s.try(idleTimeout, shownBy), Read: "lab03_keepalive/" + read})
	}
	idle, interval := time.Duration(s.Idle)*time.Second, time.Duration(s.Interval)*time.Second
	expect(s.Probes, "way-open", "keepalive is off", "keepalive is on", "middlebox forgets, idle", "TestKeepaliveKeepsMiddleboxStateAlive")
	expect(max(idle, interval) <= idleTimeout/2, "way-open", "if a single probe is lost, the middlebox forgets the connection",
		"a probe at least every "+story.Duration(idleTimeout/2), "middlebox forgets, idle", "TestNextProbeComesTooLateForMiddlebox")
	expect(idle >= idleTimeout/4, "no-more", "probes are sent more often than the middlebox needs them",
		"idle time of at least "+story.Duration(idleTimeout/4), "host reboots, idle", "TestTrafficPostponesProbes")
	probes, after := s.unanswered()
	expect(after <= within, "found", "a peer that has vanished is found too late: after "+story.Duration(after),
		"within "+story.Duration(within), "host vanishes, idle", "TestUserTimeoutOverridesProbeCount")
	expect(probes >= 3, "three-probes", "the connection times out after "+story.Count(probes, "probe"),
		"three unanswered probes, with a whole interval after each", "host vanishes, idle", "TestUserTimeoutOverridesProbeCount")
	expect(s.UserTimeout > 0 && s.UserTimeout <= within, "data-too", "data may stay unacknowledged for longer",
		"TCP_USER_TIMEOUT of "+story.Duration(within)+" at most", "host vanishes, request pending", "TestUserTimeoutBoundsDataInFlight")
}
