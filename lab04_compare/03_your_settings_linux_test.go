package lab04_compare

import (
	"encoding/json"
	"flag"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"socketlabs/harness"
	"socketlabs/harness/story"
	"socketlabs/lab04_compare/rule"
)

// Your settings, and the failures that you ask for:
//
//	go test -v ./lab04_compare -run TestYourSettings -args -keepalive 30s,10s,3 -user-timeout 20s
var (
	given     rule.Settings
	alone     = flag.String("failure", "", "TestYourSettings tries only the failures whose names have these `WORDS`")
	middlebox = flag.Duration("middlebox", 0, "`TIME` after which the middlebox of TestYourSettings forgets an idle connection (default 2.5s)")
	onTime    = flag.Bool("on-time", false, "TestYourSettings also fails if a call ends late; for use in virtual time, where the machine is never busy")
)

func init() { given.Define(flag.CommandLine) }

// afterSending is how long we watch after the peer has sent something, to see whether it arrives.
const afterSending = 500 * time.Millisecond

// quick has the settings that TestYourSettings tries if you give none.
var quick = rule.Settings{
	Keepalive:     rule.Keepalive{Idle: 1 * time.Second, Interval: 1 * time.Second, Count: 2},
	UserTimeout:   1500 * time.Millisecond,
	AnswerTimeout: 3 * time.Second,
}

// TestYourSettings: with your settings, our call ends as the kernel's rule (package rule) predicts, in each situation of the
// table: with the predicted error, and never before the predicted time. If the rule predicts that a call never ends, the call
// still waits when the test ends.
//
// Claim: Beyond the chapter.
//
// Predict: keepalive has idle time 1 s, interval 1 s and probe count 2, TCP_USER_TIMEOUT is 1.5 s, and an idle peer's host vanishes; when does the connection time out?
//   - [ ] after 1.5 s
//   - [x] after 2 s
//   - [ ] after 3 s
func TestYourSettings(t *testing.T) {
	t.Parallel()
	settings, remarks := rule.Taken(yours())
	for _, remark := range remarks {
		if remark.Refused {
			t.Fatalf("%s (see %s)", remark.Text, remark.Experiment)
		}
		t.Logf("%s (see %s)", remark.Text, remark.Experiment)
	}
	failures, err := rule.FailuresLike(*alone)
	if err != nil {
		t.Fatal(err)
	}
	system := thisSystem(t)
	for _, row := range decisions {
		if !slices.ContainsFunc(failures, func(f rule.Failure) bool { return f.Name == row.failure }) {
			continue
		}
		t.Run(row.failure, func(t *testing.T) {
			failure := failureOf(t, row.failure).WithMiddlebox(*middlebox)
			want := rule.Predict(settings, system, failure)
			result := rule.Expect(settings, system, failure)
			attribute(t, result)
			needs := row.needs
			if result.Watched > harness.HangGuard-2*observation {
				needs = append(needs, harness.LongTimers)
			}
			x := harness.Start(t, append(needs, harness.Linux)...)
			d := defenseOf(settings)
			d.watched, d.idleTimeout = result.Watched, failure.IdleTimeout
			x.Step("%s; our defense: %s", row.failure, settings)
			begun := time.Now()
			call := row.strike(t, x, d)
			result.MeasuredOutcome = observe(call, begun, d.watched+afterSending, result.Outcome)
			result.Judgment = string(row.wish.judge(result.MeasuredOutcome))
			// The rule predicts that nothing ends the connection, and the call has got what the peer sent at the end.
			isUndisturbed := len(want.Events) == 0 && result.MeasuredOutcome == result.Outcome
			if result.MeasuredOutcome == stillWaiting || isUndisturbed {
				x.Outcome(harness.Client, "watched for %s: %s; by the rule: %s", story.Duration(d.watched), result.MeasuredOutcome, result.Outcome)
				assert.Equal(t, result.Outcome, result.MeasuredOutcome, "by the rule: %+v", want.Events)
			} else {
				result.Measured = timed(call, begun, result.MeasuredOutcome, failure)
				assertFits(x, want, &result)
			}
			attribute(t, result)
		})
	}
}

// assertFits compares how our call ended, and when, with the rule.
func assertFits(x *harness.Experiment, want rule.Prediction, result *rule.Result) {
	byRule := result.Outcome
	if result.By != "" {
		byRule += fmt.Sprintf(" after %s, by %s", story.Duration(result.Nominal), result.By)
	}
	x.Outcome(harness.Client, "%s after %s; by the rule: %s", result.MeasuredOutcome, story.Duration(result.Measured), byRule)
	event := want.Fits(result.MeasuredOutcome, result.Measured, busyInRealTime)
	if event == nil {
		assert.Fail(x.T(), "the call should end as the rule predicts", "%s after %v; by the rule: %s; all that may end the call: %+v",
			result.MeasuredOutcome, result.Measured, byRule, want.Events)
		return
	}
	result.MeasuredBy = event.By
	x.AssertAtLeast(result.Measured, event.NotBefore)
	if *onTime {
		assertNotLate(x.T(), want, event, result.Measured)
	}
}

// timed returns how long it took until our call ended.
func timed(call *harness.Call, begun time.Time, outcome string, failure rule.Failure) time.Duration {
	if outcome == deadline || failure.Host == rule.Ended {
		return call.Took() // Go's deadlines count from our call. A killed process had ended before our call.
	}
	return call.Since(begun) // the kernel counts from the last segment that we have received, which came when we connected
}

// assertNotLate bounds the time from above. That is possible in virtual time, where the machine is never busy.
func assertNotLate(t testing.TB, want rule.Prediction, event *rule.Event, took time.Duration) bool {
	t.Helper()
	end, isSure := want.NotAfter()
	return !isSure || event.MayMiss || assert.LessOrEqual(t, took, end+busyInVirtualTime, "by the rule: %+v", want.Events)
}

// yours returns the settings that you give or, if you give none, quick.
func yours() rule.Settings {
	ofSettings := new(flag.FlagSet)
	new(rule.Settings).Define(ofSettings)
	settings := quick
	flag.Visit(func(f *flag.Flag) {
		if ofSettings.Lookup(f.Name) != nil {
			settings = given
		}
	})
	return settings
}

// defenseOf returns the defense that has these settings.
func defenseOf(s rule.Settings) defense {
	return defense{
		name:  "yours",
		dials: s.DialTimeout, writes: s.WriteTimeout, answers: s.AnswerTimeout, reads: s.ReadTimeout,
		keepalive: net.KeepAliveConfig{Enable: s.Keepalive.On(),
			Idle: s.Keepalive.Idle, Interval: s.Keepalive.Interval, Count: s.Keepalive.Count},
		userTimeout: s.UserTimeout,
		heartbeat:   s.Heartbeat.Every, silence: s.Heartbeat.Silence,
	}
}

// thisSystem reads the kernel's settings for all connections: ip-sysctl. If the kernel lacks one of these settings,
// the kernel's built-in value counts.
func thisSystem(t *testing.T) rule.System {
	system := rule.Default()
	system.Tick, system.LinearSYNs = harness.Tick(), 0 // linear timeouts came with Linux 6.5
	for name, set := range map[string]func(int){
		"tcp_retries2":            func(n int) { system.Retries2 = n },
		"tcp_syn_retries":         func(n int) { system.SYNRetries = n },
		"tcp_syn_linear_timeouts": func(n int) { system.LinearSYNs = n },
		"tcp_rto_min_us":          func(n int) { system.RTOMin = time.Duration(n) * time.Microsecond },
		"tcp_rto_max_ms":          func(n int) { system.RTOMax = time.Duration(n) * time.Millisecond },
	} {
		text, err := os.ReadFile(filepath.Join("/proc/sys/net/ipv4", name))
		if err != nil {
			continue
		}
		n, err := strconv.Atoi(strings.TrimSpace(string(text)))
		require.NoError(t, err, name)
		set(n)
	}
	return system
}

func attribute(t *testing.T, r rule.Result) {
	text, err := json.Marshal(r)
	require.NoError(t, err)
	t.Attr(rule.AttrKey, string(text))
}
