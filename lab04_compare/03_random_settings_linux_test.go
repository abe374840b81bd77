package lab04_compare

import (
	"fmt"
	"math"
	"math/rand/v2"
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
	"socketlabs/lab04_compare/rule"
)

// TestRandomSettingsFollowTheRule: whatever the settings are, of the socket and of the system, each failure ends our call
// when the kernel's rule says: never earlier, and no later than the kernel's timers are late.
//
// Claim: Beyond the chapter.
func TestRandomSettingsFollowTheRule(t *testing.T) {
	const systems, settingsOfEach = 5, 50
	x := harness.Start(t, harness.LongTimers, link.VanishingPeers, kernel.SystemSettings)
	seed := rand.Uint64()
	random := rand.New(rand.NewPCG(seed, 0))
	x.Step("random settings, from the seed %d", seed)
	for n := range systems {
		t.Run(fmt.Sprintf("system %d", n+1), func(t *testing.T) {
			x := harness.Start(unwatched{t}, link.VanishingPeers, kernel.SystemSettings)
			setSystem(x, random)
			system := thisSystem(t)
			var attempts []attempt
			for range settingsOfEach {
				settings := randomSettings(random)
				for _, failure := range []string{"host vanishes, idle", "host vanishes, asked", "peer stops reading", "nobody answers connect",
					[]string{"nothing, idle", "slow answer", "host reboots, idle"}[random.IntN(3)]} {
					attempts = append(attempts, attemptTo(t, x, settings, system, failure))
				}
			}
			for _, a := range attempts {
				a.assertFits(t)
			}
		})
	}
}

// unwatched is a test whose experiment leaves the wire alone: it has a thousand connections.
type unwatched struct{ testing.TB }

// setSystem changes the settings of the system that matter here. With tcp_retries2 = 1 a closed window is another matter:
// see package rule.
func setSystem(x *harness.Experiment, random *rand.Rand) {
	for _, of := range []struct {
		name        string
		least, most int
	}{
		{"tcp_retries2", 2, 15}, {"tcp_syn_retries", 1, 6}, {"tcp_syn_linear_timeouts", 0, 6}, // the last since Linux 6.5
	} {
		if _, err := os.Stat(filepath.Join("/proc/sys/net/ipv4", of.name)); err == nil {
			kernel.SetSystemSetting(x, "ipv4/"+of.name, strconv.Itoa(of.least+random.IntN(of.most-of.least+1)))
		}
	}
}

// attempt is a call in one failure, with one of the settings.
type attempt struct {
	settings rule.Settings
	want     rule.Prediction
	watched  time.Duration
	failure  string
	begun    time.Time
	call     *harness.Call
}

func attemptTo(t *testing.T, x *harness.Experiment, settings rule.Settings, system rule.System, failure string) attempt {
	f, known := rule.FailureNamed(failure)
	require.True(t, known)
	d := defenceOf(settings)
	d.watched = rule.Expect(settings, system, f).Watched
	strike := map[string]func(*testing.T, *harness.Experiment, defence) *harness.Call{
		"nothing, idle": healthyIdle, "slow answer": slowAnswer, "host vanishes, idle": hostVanishesIdle, "host vanishes, asked": hostVanishesAsked,
		"host reboots, idle": hostRebootsIdle, "nobody answers connect": nobodyAnswersConnect, "peer stops reading": peerStopsReadingSoon,
	}[failure]
	begun := time.Now()
	return attempt{settings, rule.Predict(settings, system, f), d.watched, failure, begun, strike(t, x, d)}
}

// peerStopsReadingSoon is peerStopsReading with less in our own buffer, as many do so at a time. The peer's buffer is left
// alone: Linux 6.1 drops, in silence, what does not fit into one that has become smaller than the window that it offered.
func peerStopsReadingSoon(t *testing.T, x *harness.Experiment, d defence) *harness.Call {
	client, _ := connected(t, x, d)
	require.NoError(t, client.SetWriteBuffer(64<<10))
	return x.Launch(harness.Client, "send", func() error { return d.send(client, moreThanBuffersHold()[:1<<20]) })
}

// busy is how late a machine may be that does all this at once, beside the kernel's own lateness.
const busy = 250 * time.Millisecond

func (a attempt) assertFits(t *testing.T) {
	of := fmt.Sprintf("%s; %s; by the rule: %+v", a.settings, a.failure, a.want)
	outcome := observe(a.call, a.begun, a.watched, a.want.Outcome())
	if outcome == stillWaiting || len(a.want.Events) == 0 {
		assert.Equal(t, a.want.Outcome(), outcome, of)
		return
	}
	took := a.call.Since(a.begun)
	if outcome == deadline {
		took = a.call.Took()
	}
	event := a.want.Fits(outcome, took, busy)
	if assert.NotNil(t, event, "%s after %v; %s", outcome, took, of) {
		assert.LessOrEqual(t, took, a.want.NotAfter()+busy, "%s; %s", outcome, of)
	}
}

// randomSettings are of any size that an experiment can wait for, and half of them are not set.
func randomSettings(r *rand.Rand) (s rule.Settings) {
	set := func() bool { return r.IntN(2) == 0 }
	between := func(least, most time.Duration) time.Duration { // as many short ones as long ones
		return time.Duration(float64(least) * math.Pow(float64(most)/float64(least), r.Float64()))
	}
	seconds := func(most time.Duration) time.Duration {
		return between(time.Second, most+time.Second).Truncate(time.Second)
	}
	if set() {
		s.Keepalive = rule.Keepalive{Idle: seconds(120 * time.Second), Interval: seconds(75 * time.Second), Count: 1 + r.IntN(9)}
	}
	if set() {
		s.UserTimeout = between(10*time.Millisecond, 5*time.Minute).Truncate(time.Millisecond)
	}
	if set() {
		s.Heartbeat = rule.Heartbeat{Every: between(3*time.Second, time.Minute), Silence: between(5*time.Second, 5*time.Minute)}
	}
	for _, deadline := range []*time.Duration{&s.DialTimeout, &s.WriteTimeout, &s.ReadTimeout, &s.AnswerTimeout} {
		if set() && set() {
			*deadline = between(100*time.Millisecond, 5*time.Minute)
		}
	}
	return s
}
