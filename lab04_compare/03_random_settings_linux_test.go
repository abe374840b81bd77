package lab04_compare

import (
	"fmt"
	"math"
	"math/rand/v2"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"socketlabs/harness"
	"socketlabs/harness/kernel"
	"socketlabs/harness/link"
	"socketlabs/harness/process"
	"socketlabs/lab04_compare/rule"
)

// TestRandomSettingsFollowTheRule: with random settings of the socket and of the system, our call ends as the kernel's rule
// (package rule) predicts: never before the predicted time, and after it by no more than the kernel's timers allow.
//
// Claim: Beyond the chapter.
func TestRandomSettingsFollowTheRule(t *testing.T) {
	const systems, settingsOfEach = 5, 50
	// A thousand connections at once keep the processor busy: on a virtual processor, tests in parallel would run late.
	x := harness.StartAlone(t, harness.LongTimers, link.VanishingPeers, kernel.SystemSettings, process.Processes)
	random := newRandom(x)
	for n := range systems {
		t.Run(fmt.Sprintf("system %d", n+1), func(t *testing.T) {
			x := harness.Start(unwatched{t}, link.VanishingPeers, kernel.SystemSettings, process.Processes)
			setSystem(x, random)
			system := thisSystem(t)
			var attempts []attempt
			for range settingsOfEach {
				settings := randomSettings(random, longest)
				for _, failure := range []string{"host vanishes, idle", "host vanishes, request pending", "host vanishes, sending", "peer stops reading", "nobody answers connect",
					oneOf(random, "healthy peer, idle", "slow answer", "host reboots, idle", "application hangs, request pending", "application hangs, idle"),
					oneOf(random, "peer pauses reading", "dead host behind proxy, idle", "dead host behind proxy, request pending", "short outage, request pending", "process is killed")} {
					attempts = append(attempts, attemptTo(t, x, settings, system, failureOf(t, failure)))
				}
			}
			assertOnTime(t, attempts)
		})
	}
	t.Run("middleboxes", func(t *testing.T) { // they need captured segments
		const middleboxes = 10
		x := harness.Start(t, captured...)
		var attempts []attempt
		settings := rule.Settings{} // at first, nothing is set, so the middlebox is sure to forget
		for range middleboxes {
			idleTimeout := between(random, 2*time.Second, 10*time.Minute)
			failure := failureOf(t, "middlebox forgets, idle").WithMiddlebox(idleTimeout)
			attempts = append(attempts, attemptTo(t, x, settings, thisSystem(t), failure))
			settings = randomSettings(random, longest)
		}
		assertOnTime(t, attempts)
	})
}

// TestShortSettingsFollowTheRule: with random settings of a few seconds, our call ends in real time as the kernel's rule (package
// rule) predicts.
//
// Claim: Beyond the chapter.
func TestShortSettingsFollowTheRule(t *testing.T) {
	const least = 12
	x := harness.Start(t, append(vanishing, unanswered...)...)
	random, system := newRandom(x), thisSystem(t)
	x = harness.Start(unwatched{t})
	var attempts []attempt
	for len(attempts) < least {
		settings := randomSettings(random, short)
		for _, failure := range []string{"host vanishes, idle", "host vanishes, request pending", "host vanishes, sending", "host reboots, idle",
			"peer stops reading", "dead host behind proxy, request pending", "short outage, request pending", "nobody answers connect"} {
			f := failureOf(t, failure)
			if rule.Expect(settings, system, f).Watched <= 2*short {
				attempts = append(attempts, attemptTo(t, x, settings, system, f))
			}
		}
	}
	for _, a := range attempts {
		a.assertFits(t, busyInRealTime)
	}
}

// The largest random settings, and how late a machine may be that makes all these calls at once, in addition to the lateness
// of the kernel's timers.
const (
	longest = 5 * time.Minute
	short   = 2 * time.Second

	busyInVirtualTime = 250 * time.Millisecond
	busyInRealTime    = 1 * time.Second
)

func newRandom(x *harness.Experiment) *rand.Rand {
	seed := rand.Uint64()
	x.Step("random settings, from the seed %d", seed)
	return rand.New(rand.NewPCG(seed, 0))
}

// unwatched is a test whose experiment captures no segments, and logs nothing: it may have a thousand connections.
type unwatched struct{ testing.TB }

// setSystem changes the settings of the system that matter here. With tcp_retries2 = 1, the rule for a closed window
// does not hold: see closedWindowGivesUp in package rule.
func setSystem(x *harness.Experiment, random *rand.Rand) {
	for _, of := range []struct {
		name        string
		least, most int
	}{
		{"tcp_retries2", 2, 15}, {"tcp_syn_retries", 1, 6}, {"tcp_syn_linear_timeouts", 0, 6}, // the last exists since Linux 6.5
	} {
		if _, err := os.Stat(filepath.Join("/proc/sys/net/ipv4", of.name)); err == nil {
			kernel.SetSystemSetting(x, "ipv4/"+of.name, strconv.Itoa(of.least+random.IntN(of.most-of.least+1)))
		}
	}
}

// attempt is one call, during one failure, with one set of random settings.
type attempt struct {
	settings rule.Settings
	failure  rule.Failure
	want     rule.Prediction
	watched  time.Duration
	begun    time.Time
	call     *harness.Call
}

func attemptTo(t *testing.T, x *harness.Experiment, settings rule.Settings, system rule.System, failure rule.Failure) attempt {
	d := defenseOf(settings)
	d.watched, d.idleTimeout = rule.Expect(settings, system, failure).Watched, failure.IdleTimeout
	strike := map[string]func(*testing.T, *harness.Experiment, defense) *harness.Call{
		"host vanishes, sending": hostVanishesSendingSoon, "peer stops reading": peerStopsReadingSoon, "peer pauses reading": peerPausesReadingSoon,
	}[failure.Name]
	for _, row := range decisions {
		if strike == nil && row.failure == failure.Name {
			strike = row.strike
		}
	}
	begun := time.Now()
	return attempt{settings, failure, rule.Predict(settings, system, failure), d.watched, begun, strike(t, x, d)}
}

func hostVanishesSendingSoon(t *testing.T, x *harness.Experiment, d defense) *harness.Call {
	client, server := connected(t, x, d)
	go answer(server, false)
	link.Vanish(x, server)
	return sendSoon(t, x, d, client)
}

func peerStopsReadingSoon(t *testing.T, x *harness.Experiment, d defense) *harness.Call {
	client, _ := connected(t, x, d)
	return sendSoon(t, x, d, client)
}

func peerPausesReadingSoon(t *testing.T, x *harness.Experiment, d defense) *harness.Call {
	client, server := connected(t, x, d)
	readAfterPause(t, x, server)
	return sendSoon(t, x, d, client)
}

// sendSoon is send with a smaller send buffer, because many calls run at the same time. sendSoon does not shrink the
// peer's buffer: Linux 6.1 silently drops data when the receive buffer was shrunk below the window already advertised.
func sendSoon(t *testing.T, x *harness.Experiment, d defense, client *net.TCPConn) *harness.Call {
	require.NoError(t, client.SetWriteBuffer(64<<10))
	return x.Launch(harness.Client, "send", func() error { return d.send(client, moreThanBuffersHold()[:1<<20]) })
}

// assertFits compares how the call ended with the rule. It returns how long the call took, and the event that fits, or
// nil.
func (a attempt) assertFits(t *testing.T, busy time.Duration) (took time.Duration, event *rule.Event) {
	outcome := observe(a.call, a.begun, a.watched+afterSending, a.want.Outcome())
	if outcome == stillWaiting || len(a.want.Events) == 0 {
		assert.Equal(t, a.want.Outcome(), outcome, a.String())
		return 0, nil
	}
	took = timed(a.call, a.begun, outcome, a.failure)
	event = a.want.Fits(outcome, took, busy)
	assert.NotNil(t, event, "%s after %v; %s", outcome, took, a)
	return took, event
}

// assertOnTime also bounds the time from above.
func assertOnTime(t *testing.T, attempts []attempt) {
	for _, a := range attempts {
		took, event := a.assertFits(t, busyInVirtualTime)
		if event != nil && !assertNotLate(t, a.want, event, took) {
			t.Log(a)
		}
	}
}

func (a attempt) String() string {
	return fmt.Sprintf("%s; %s, %+v; by the rule: %+v", a.settings, a.failure.Name, a.failure, a.want)
}

// randomSettings sets keepalive, the user timeout and the heartbeat each with probability 1/2, and each deadline with
// probability 1/4. All times are random, up to longest. No deadline is under a second: on a busy machine, a shorter one could
// pass before the request is written.
func randomSettings(r *rand.Rand, longest time.Duration) (s rule.Settings) {
	set := func() bool { return r.IntN(2) == 0 }
	seconds := func(most time.Duration) time.Duration {
		return between(r, time.Second, most+time.Second).Truncate(time.Second)
	}
	if set() {
		s.Keepalive = rule.Keepalive{Idle: seconds(longest * 2 / 5), Interval: seconds(longest / 4), Count: 1 + r.IntN(9)}
	}
	if set() {
		s.UserTimeout = between(r, 10*time.Millisecond, longest).Truncate(time.Millisecond)
	}
	if set() {
		s.Heartbeat = rule.Heartbeat{Every: between(r, longest/100, longest/5), Silence: between(r, max(longest/60, 500*time.Millisecond), longest)}
	}
	for _, deadline := range []*time.Duration{&s.DialTimeout, &s.WriteTimeout, &s.ReadTimeout, &s.AnswerTimeout} {
		if set() && set() {
			*deadline = between(r, time.Second, longest)
		}
	}
	return s
}

// between returns a random duration. The durations are spread evenly on a logarithmic scale.
func between(r *rand.Rand, least, most time.Duration) time.Duration {
	return time.Duration(float64(least) * math.Pow(float64(most)/float64(least), r.Float64()))
}

func oneOf(r *rand.Rand, names ...string) string { return names[r.IntN(len(names))] }

// failureOf returns what the rule knows about a failure of the table.
func failureOf(t *testing.T, name string) rule.Failure {
	f, known := rule.FailureNamed(name)
	require.True(t, known, "the rule does not know %q", name)
	return f
}
