package advise

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"socketlabs/lab04_compare/rule"
)

// judged are the names of the candidates that meet a goal.
func judged(t *testing.T, goal goal) (good []string) {
	t.Helper()
	candidates, err := goal.candidates()
	require.NoError(t, err)
	for _, c := range candidates {
		if c.why == "" {
			good = append(good, c.name)
		}
		assert.NotEmpty(t, c.decisive, c.name)
	}
	return good
}

func TestWhatMeetsAGoal(t *testing.T) {
	const within = 10 * time.Second
	for _, of := range []struct {
		goal goal
		good []string
	}{
		{goal{within: within, idle: true, inFlight: true}, []string{"keepalive and a user timeout",
			"keepalive, and timeouts on answers, not on writes", "keepalive, and timeouts on active calls",
			"keepalive, a user timeout, and timeouts on active calls", "a heartbeat", "a heartbeat, and timeouts on active calls"}},
		{goal{within: within, idle: true}, []string{"keepalive", "keepalive and a user timeout",
			"keepalive, and timeouts on answers, not on writes", "keepalive, and timeouts on active calls",
			"keepalive, a user timeout, and timeouts on active calls", "a heartbeat", "a heartbeat, and timeouts on active calls"}},
		{goal{within: within, idle: true, inFlight: true, keepSlowReaders: true},
			[]string{"keepalive, and timeouts on answers, not on writes"}},
		{goal{within: within, idle: true, inFlight: true, proxy: true}, []string{"a heartbeat", "a heartbeat, and timeouts on active calls"}},
		{goal{within: 20 * time.Minute, idle: true, middlebox: 350 * time.Second}, []string{"keepalive", "keepalive and a user timeout",
			"keepalive, and timeouts on answers, not on writes", "keepalive, and timeouts on active calls",
			"keepalive, a user timeout, and timeouts on active calls", "a heartbeat", "a heartbeat, and timeouts on active calls"}},
	} {
		assert.Equal(t, of.good, judged(t, of.goal), "%+v", of.goal)
	}
}

func TestNothingFindsAnIdlePeerAtOnce(t *testing.T) {
	_, err := goal{within: time.Second, idle: true}.candidates()
	assert.ErrorContains(t, err, "1 s of silence")
	_, err = goal{within: 2200 * time.Millisecond, idle: true}.candidates()
	assert.NoError(t, err)
}

// The user timeout beside keepalive takes nothing away from it: as many probes are sent.
func TestUserTimeoutAgreesWithKeepalive(t *testing.T) {
	for within := 3 * time.Second; within < 10*time.Minute; within += 7 * time.Second {
		candidates, err := goal{within: within, idle: true, inFlight: true}.candidates()
		require.NoError(t, err)
		for _, c := range candidates {
			_, remarks := rule.Taken(c.settings)
			if c.settings.Keepalive.On() {
				assert.Empty(t, remarks, "%v: %s", within, c.settings)
			}
		}
	}
}
