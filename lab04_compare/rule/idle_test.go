package rule

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
)

// On an idle connection whose peer answers, probes come every idle time, or every interval if the interval is longer. So
// a middlebox may forget the connection after a probe that was in time.
func TestMiddleboxForgetsBetweenProbes(t *testing.T) {
	middlebox := failure(t, "middlebox forgets, idle").WithMiddlebox(10 * second)
	for _, of := range []struct {
		keepalive Keepalive
		heartbeat Heartbeat
		outcome   string
		after     time.Duration
	}{
		{Keepalive{5 * second, 5 * second, 3}, Heartbeat{}, Served, 0},
		{Keepalive{5 * second, 1 * second, 3}, Heartbeat{}, Served, 0},
		{Keepalive{1 * second, 16 * second, 3}, Heartbeat{}, TimedOut, (1 + 16 + 3*16) * second},
		{Keepalive{20 * second, 1 * second, 3}, Heartbeat{}, TimedOut, 23 * second},
		{Keepalive{1 * second, 16 * second, 3}, Heartbeat{5 * second, 30 * second}, Served, 0},
		{Keepalive{}, Heartbeat{5 * second, 30 * second}, Served, 0},
		{Keepalive{}, Heartbeat{15 * second, 30 * second}, Deadline, 30 * second},
	} {
		p := Predict(Settings{Keepalive: of.keepalive, Heartbeat: of.heartbeat}, Default(), middlebox)
		assert.Equal(t, of.outcome, p.Outcome(), "%+v", of)
		if len(p.Events) > 0 {
			assert.Equal(t, of.after, p.Events[0].After, "%+v", of)
		}
	}
	// Which ping comes too late depends on the probes between the pings.
	p := Predict(Settings{Keepalive: Keepalive{1 * second, 16 * second, 3}, Heartbeat: Heartbeat{12 * second, 30 * second}}, Default(), middlebox)
	_, isSure := p.NotAfter()
	assert.False(t, isSure, "%+v", p)
	assert.NotNil(t, p.Fits(Deadline, 54*second, 0))
}
