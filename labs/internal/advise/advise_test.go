package advise

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"socketlabs/lab04_compare/rule"
)

// judged are the names of the candidates that meet a goal.
func judged(t *testing.T, goal Goal) (good []string) {
	t.Helper()
	candidates, err := goal.Candidates()
	require.NoError(t, err)
	for _, c := range candidates {
		if c.Why == "" {
			good = append(good, c.Name)
		}
		assert.NotEmpty(t, c.Decisive, c.Name)
	}
	return good
}

func TestWhatMeetsAGoal(t *testing.T) {
	const within = 10 * time.Second
	for _, of := range []struct {
		goal Goal
		good []string
	}{
		{Goal{Within: within, Idle: true, InFlight: true}, []string{"keepalive and a user timeout",
			"keepalive, and timeouts on answers, not on writes", "keepalive, and timeouts on active calls",
			"keepalive, a user timeout, and timeouts on active calls", "a heartbeat", "a heartbeat, and timeouts on active calls"}},
		{Goal{Within: within, Idle: true}, []string{"keepalive", "keepalive and a user timeout",
			"keepalive, and timeouts on answers, not on writes", "keepalive, and timeouts on active calls",
			"keepalive, a user timeout, and timeouts on active calls", "a heartbeat", "a heartbeat, and timeouts on active calls"}},
		{Goal{Within: within, Idle: true, InFlight: true, KeepSlowReaders: true},
			[]string{"keepalive, and timeouts on answers, not on writes"}},
		{Goal{Within: within, Idle: true, InFlight: true, Proxy: true}, []string{"a heartbeat", "a heartbeat, and timeouts on active calls"}},
		{Goal{Within: 20 * time.Minute, Idle: true, Box: 350 * time.Second}, []string{"keepalive", "keepalive and a user timeout",
			"keepalive, and timeouts on answers, not on writes", "keepalive, and timeouts on active calls",
			"keepalive, a user timeout, and timeouts on active calls", "a heartbeat", "a heartbeat, and timeouts on active calls"}},
	} {
		assert.Equal(t, of.good, judged(t, of.goal), "%+v", of.goal)
	}
}

func TestNothingFindsAnIdlePeerAtOnce(t *testing.T) {
	_, err := Goal{Within: time.Second, Idle: true}.Candidates()
	assert.ErrorContains(t, err, "1 s of silence")
	_, err = Goal{Within: 2200 * time.Millisecond, Idle: true}.Candidates()
	assert.NoError(t, err)
}

// The user timeout beside keepalive takes nothing away from it: as many probes are sent.
func TestUserTimeoutAgreesWithKeepalive(t *testing.T) {
	for within := 3 * time.Second; within < 10*time.Minute; within += 7 * time.Second {
		candidates, err := Goal{Within: within, Idle: true, InFlight: true}.Candidates()
		require.NoError(t, err)
		for _, c := range candidates {
			_, remarks := rule.Taken(c.Settings)
			if c.Settings.Keepalive.On() {
				assert.Empty(t, remarks, "%v: %s", within, c.Settings)
			}
		}
	}
}
