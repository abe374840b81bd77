package rule

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const second = time.Second

func failure(t *testing.T, name string) Failure {
	t.Helper()
	f, known := FailureNamed(name)
	require.True(t, known, name)
	return f
}

func notAfter(t *testing.T, p Prediction) time.Duration {
	t.Helper()
	end, isSure := p.NotAfter()
	require.True(t, isSure, "%+v", p)
	return end
}

// The settings and times of Lab 3's experiments: TestKeepaliveFindsVanishedPeer, TestUserTimeoutOverridesProbeCount,
// and the experiments that take minutes or hours.
func TestIdlePeerIsGivenUp(t *testing.T) {
	for _, of := range []struct {
		keepalive   Keepalive
		userTimeout time.Duration
		after       time.Duration
	}{
		{Keepalive{1 * second, 1 * second, 1}, 0, 2 * second},
		{Keepalive{1 * second, 1 * second, 3}, 0, 4 * second},
		{Keepalive{1 * second, 3 * second, 1}, 0, 4 * second},
		{Keepalive{2 * second, 2 * second, 1}, 0, 4 * second},
		{Keepalive{3 * second, 1 * second, 1}, 0, 4 * second},
		{Keepalive{15 * second, 15 * second, 9}, 0, 150 * second},
		{Keepalive{7200 * second, 75 * second, 9}, 0, 7875 * second},
		{Keepalive{1 * second, 1 * second, 3}, 500 * time.Millisecond, 2 * second},
		{Keepalive{1 * second, 1 * second, 3}, 1500 * time.Millisecond, 2 * second},
		{Keepalive{1 * second, 1 * second, 3}, 2000 * time.Millisecond, 2 * second},
		{Keepalive{1 * second, 1 * second, 3}, 2900 * time.Millisecond, 3 * second},
		{Keepalive{1 * second, 1 * second, 1}, 2900 * time.Millisecond, 3 * second},
		{Keepalive{1 * second, 1 * second, 9}, 3900 * time.Millisecond, 4 * second},
		{Keepalive{1 * second, 2 * second, 2}, 500 * time.Millisecond, 3 * second},
		{Keepalive{2 * second, 1 * second, 3}, 2500 * time.Millisecond, 3 * second},
		{Keepalive{2 * second, 1 * second, 1}, 3900 * time.Millisecond, 4 * second},
		{Keepalive{1 * second, 1 * second, 2}, 10 * second, 10 * second},
		{Keepalive{15 * second, 15 * second, 9}, 20 * second, 30 * second}, // what gRPC sets
	} {
		set := Settings{Keepalive: of.keepalive, UserTimeout: of.userTimeout}
		got := Predict(set, Default(), failure(t, "host vanishes, idle"))
		assert.Equal(t, TimedOut, got.Outcome(), "%+v", set)
		assert.Equal(t, of.after, got.Events[0].After, "%+v", set)
	}
}

// If the timers are late, keepalive may end the connection one interval earlier than if they are on time: at the end of an
// interval that is due just before TCP_USER_TIMEOUT.
func TestUserTimeoutJustAboveAProbeMayBePassedEarlier(t *testing.T) {
	got := keepaliveGivesUp(Keepalive{1 * second, 1 * second, 3}, 2010*time.Millisecond, Default())
	assert.Equal(t, 3*second, got.After)
	assert.Equal(t, 2006*time.Millisecond, got.NotBefore)
}

// The times of Lab 1's experiments on connect. The connect that takes minutes is here twice: for kernels with and without
// tcp_syn_linear_timeouts.
func TestConnectIsGivenUp(t *testing.T) {
	for _, of := range []struct {
		userTimeout     time.Duration
		retries, linear int
		after           time.Duration
	}{
		{0, 1, 4, 3 * second},
		{0, 2, 4, 7 * second},
		{0, 1, 0, 3 * second},
		{0, 6, 0, 127 * second},
		{0, 6, 4, 131 * second},
		{500 * time.Millisecond, 6, 4, 1004 * time.Millisecond},
		{1500 * time.Millisecond, 6, 4, 1500 * time.Millisecond},
		{1500 * time.Millisecond, 6, 0, 1500 * time.Millisecond},
	} {
		s := Default()
		s.SYNRetries, s.LinearSYNs = of.retries, of.linear
		got := Predict(Settings{UserTimeout: of.userTimeout}, s, failure(t, "nobody answers connect"))
		assert.Equal(t, of.after, got.Events[0].After, "%+v", of)
	}
}

func TestTimersAreLateByAnEighthAtMost(t *testing.T) {
	for _, tick := range []time.Duration{1, 4, 10} {
		s := System{Tick: tick * time.Millisecond}
		for d := s.Tick; d < 10*time.Hour; d += d/7 + 1 {
			assert.LessOrEqual(t, s.granule(d), max(s.Tick, d*8/63+s.Tick), "%v, ticks of %v", d, s.Tick)
		}
	}
}

// The kernel reports a reset to the ping or to the read, whichever comes first.
func TestPingMayBeToldOfTheReset(t *testing.T) {
	set := Settings{Heartbeat: Heartbeat{1 * second, 10 * second}}
	p := Predict(set, Default(), failure(t, "host reboots, idle"))
	assert.NotNil(t, p.Fits(Reset, 1*second, 0))
	assert.NotNil(t, p.Fits(EOF, 1*second, 0))
	assert.Nil(t, p.Fits(EOF, 1*second-1, 0), "an event that comes too early should not fit")
	p = Predict(Settings{Keepalive: Keepalive{1 * second, 1 * second, 1}}, Default(), failure(t, "host reboots, idle"))
	assert.Nil(t, p.Fits(EOF, 1*second, 0), "EOF should not fit: nobody pings")
}

// If a process dies before it has read a ping, its kernel sends a reset, and our read does not see EOF.
func TestPingMayTurnTheEndIntoAReset(t *testing.T) {
	killed := failure(t, "process is killed")
	p := Predict(Settings{Heartbeat: Heartbeat{time.Millisecond, 1 * second}}, Default(), killed)
	assert.Equal(t, EOF, p.Outcome())
	assert.NotNil(t, p.Fits(Reset, 3*time.Microsecond, 0))
	assert.Nil(t, Predict(Settings{}, Default(), killed).Fits(Reset, 3*time.Microsecond, 0), "a reset should not fit: nobody pings")
}

// If keepalive's last timer is late, a ping may be sent first. While the ping is in flight, keepalive does nothing.
func TestPingMayKeepKeepaliveFromActing(t *testing.T) {
	set := Settings{Keepalive: Keepalive{1 * second, 2 * second, 1}, UserTimeout: 1 * second, Heartbeat: Heartbeat{3010 * time.Millisecond, 60 * second}}
	p := Predict(set, Default(), failure(t, "host vanishes, idle"))
	assert.NotNil(t, p.Fits(TimedOut, 3*second, 0), "a timeout should fit if keepalive is on time")
	assert.NotNil(t, p.Fits(TimedOut, 3010*time.Millisecond+1400*time.Millisecond, 0),
		"a timeout should fit if keepalive is late, and the ping is given up")
	assert.Greater(t, notAfter(t, p), 4*second)
}

// The outcomes that Lab 4's table expects. All its defenses give up after 3 s.
func TestDecisionTableFollowsFromTheRule(t *testing.T) {
	const giveUp = 3 * second
	probing := Keepalive{1 * second, 1 * second, 2}
	defenses := []Settings{
		{},
		{DialTimeout: giveUp, WriteTimeout: giveUp, ReadTimeout: giveUp},
		{Keepalive: probing},
		{Keepalive: probing, DialTimeout: giveUp, WriteTimeout: giveUp, AnswerTimeout: giveUp},
		{UserTimeout: giveUp},
		{Keepalive: probing, UserTimeout: giveUp},
		{Heartbeat: Heartbeat{1 * second, giveUp}},
	}
	for name, row := range map[string]string{
		"healthy peer, idle":                      "served   deadline served   served   served   served   served",
		"slow answer":                             "waiting  deadline waiting  deadline waiting  waiting  waiting",
		"application hangs, request pending":      "waiting  deadline waiting  deadline waiting  waiting  deadline",
		"application hangs, idle":                 "waiting  deadline waiting  waiting  waiting  waiting  deadline",
		"process is killed":                       "EOF      EOF      EOF      EOF      EOF      EOF      EOF",
		"host vanishes, idle":                     "waiting  deadline ETIMEDOUT ETIMEDOUT waiting ETIMEDOUT deadline",
		"host vanishes, request pending":          "waiting  deadline waiting  deadline ETIMEDOUT ETIMEDOUT deadline",
		"host vanishes, sending":                  "waiting  deadline waiting  deadline ETIMEDOUT ETIMEDOUT deadline",
		"host reboots, idle":                      "waiting  deadline ECONNRESET ECONNRESET waiting ECONNRESET ECONNRESET",
		"peer stops reading":                      "waiting  deadline waiting  deadline ETIMEDOUT ETIMEDOUT deadline",
		"peer pauses reading":                     "served   deadline served   deadline ETIMEDOUT ETIMEDOUT deadline",
		"middlebox forgets, idle":                 "waiting  deadline served   served   waiting  served   served",
		"dead host behind proxy, idle":            "waiting  deadline waiting  waiting  waiting  waiting  deadline",
		"dead host behind proxy, request pending": "waiting  deadline waiting  deadline waiting  waiting  deadline",
		"short outage, request pending":           "served   served   served   served   served   served   served",
		"nobody answers connect":                  "waiting  deadline waiting  deadline ETIMEDOUT ETIMEDOUT waiting",
	} {
		var got []any
		for _, set := range defenses {
			p := Predict(set, Default(), failure(t, name))
			outcome := p.Outcome()
			if len(p.Events) > 0 && p.Events[0].After > 5*second { // the table watches no longer than this
				outcome = p.Otherwise
			}
			got = append(got, outcome)
		}
		var want [7]string
		_, err := fmt.Sscan(row, &want[0], &want[1], &want[2], &want[3], &want[4], &want[5], &want[6])
		require.NoError(t, err)
		assert.Equal(t, fmt.Sprint(want), fmt.Sprint(got), name)
	}
}

func TestSettingsThatAreNotWhatTheySeem(t *testing.T) {
	k := func(idle time.Duration, count int) Settings {
		return Settings{Keepalive: Keepalive{idle, 1 * second, count}}
	}
	for _, of := range []struct {
		given      Settings
		experiment string
		refused    bool
	}{
		{k(500*time.Millisecond, 3), "lab03_keepalive/TestGoRoundsSettingsUp", false},
		{k(1*second, 128), "lab03_keepalive/TestLimitsOfSettings", true},
		{k(40000*second, 3), "lab03_keepalive/TestLimitsOfSettings", true},
		{Settings{Keepalive: Keepalive{30 * second, 10 * second, 3}, UserTimeout: 20 * second},
			"lab03_keepalive/TestUserTimeoutOverridesProbeCount", false},
		{Settings{UserTimeout: 20 * second}, "lab03_keepalive/TestUserTimeoutAloneLeavesIdleConnection", false},
		{Settings{WriteTimeout: 500 * time.Microsecond}, "lab01_timeout/TestExpiredDeadlineFailsEvenWithDataReady", true},
		{Settings{UserTimeout: 500 * time.Microsecond}, "lab03_keepalive/TestLimitsOfUserTimeout", false},
		{Settings{UserTimeout: 600 * time.Hour, Heartbeat: Heartbeat{1 * second, 3 * second}}, "lab03_keepalive/TestLimitsOfUserTimeout", true},
	} {
		_, remarks := Taken(of.given)
		if assert.Len(t, remarks, 1, "%+v", of.given) {
			assert.Equal(t, of.experiment, remarks[0].Experiment)
			assert.Equal(t, of.refused, remarks[0].Refused)
		}
	}
	taken, _ := Taken(k(500*time.Millisecond, 3))
	assert.Equal(t, 1*second, taken.Keepalive.Idle)
	taken, _ = Taken(Settings{UserTimeout: 2500 * time.Microsecond})
	assert.Equal(t, 2*time.Millisecond, taken.UserTimeout)
	_, remarks := Taken(Settings{Keepalive: Keepalive{30 * second, 10 * second, 3}, UserTimeout: 59 * second})
	assert.Empty(t, remarks, "there should be no remark: the count and the user timeout agree")
}

// A number without a unit is in seconds, as the kernel's options are.
func TestKeepaliveIsGivenInTimesOrInSeconds(t *testing.T) {
	want := keepaliveFlag{30 * second, 10 * second, 3}
	for text, isRight := range map[string]bool{
		"30s,10s,3": true, "30,10,3": true, "30,10s,3": true, "0.5m,10000ms,3": true,
		"30.5,10,3": false, "30/10/3": false, "30s,10s": false, "30,10,3s": false, "": false, "0,0,0": false,
	} {
		var got keepaliveFlag
		err := got.Set(text)
		assert.Equal(t, isRight, err == nil, "%q: %v", text, err)
		assert.True(t, !isRight || got == want, "%q: %v", text, got)
	}
}

func TestFailuresAreNamedLoosely(t *testing.T) {
	for name, want := range map[string]int{"": len(Failures), "host vanishes, idle": 1, "Vanishes": 3, "pending proxy": 1, "slow answer": 1} {
		found, err := FailuresLike(name)
		require.NoError(t, err)
		assert.Len(t, found, want, name)
	}
	for _, name := range []string{"rain", "host rains", "7", ",", " "} {
		_, err := FailuresLike(name)
		assert.ErrorContains(t, err, `"`+name+`"; there are: healthy peer, idle; slow answer; `)
	}
}
