package advise

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"socketlabs/lab04_compare/rule"
)

// judged are the names of the candidates that meet a goal.
func judged(goal goal) (good []string) {
	for _, c := range goal.candidates() {
		if c.why == "" {
			good = append(good, c.name)
		}
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
			"keepalive, and timeouts on active calls",
			"keepalive, a user timeout, and timeouts on active calls", "a heartbeat", "a heartbeat, and timeouts on active calls"}},
		{goal{within: within, idle: true}, []string{"keepalive", "keepalive and a user timeout",
			"keepalive, and timeouts on answers, not on writes", "keepalive, and timeouts on active calls",
			"keepalive, a user timeout, and timeouts on active calls", "a heartbeat", "a heartbeat, and timeouts on active calls"}},
		{goal{within: within, idle: true, keepSlowReaders: true}, []string{"keepalive", "keepalive, and timeouts on answers, not on writes"}},
		{goal{within: within, idle: true, inFlight: true, keepSlowReaders: true}, nil},
		{goal{within: within, idle: true, inFlight: true, proxy: true}, []string{"a heartbeat", "a heartbeat, and timeouts on active calls"}},
		{goal{within: 20 * time.Minute, idle: true, middlebox: 350 * time.Second}, []string{"keepalive", "keepalive and a user timeout",
			"keepalive, and timeouts on answers, not on writes", "keepalive, and timeouts on active calls",
			"keepalive, a user timeout, and timeouts on active calls", "a heartbeat", "a heartbeat, and timeouts on active calls"}},
	} {
		assert.Equal(t, of.good, judged(of.goal), "%+v", of.goal)
		for _, c := range of.goal.candidates() {
			assert.NotEmpty(t, c.decisive, c.name)
		}
		for _, n := range of.goal.needs() {
			assert.NotEmpty(t, n.failure.Name, "Lab 4 has no such failure")
		}
	}
}

// A timeout on the answer does not bound our own write. If the peer's host vanishes while we send, a write without a timeout
// ends only after a quarter of an hour.
func TestTimeoutOnAnswersDoesNotBoundWrites(t *testing.T) {
	for _, g := range []goal{{inFlight: true}, {inFlight: true, keepSlowReaders: true}, {idle: true, inFlight: true, keepSlowReaders: true}} {
		g.within = 10 * time.Second
		patient := g.candidates()[4]
		assert.Equal(t, "keepalive, and timeouts on answers, not on writes", patient.name)
		assert.Equal(t, "host vanishes, sending: found only after 15 min 24.8 s (tcp_retries2)", patient.why, "%+v", g)
	}
}

// The kernel probes a closed window for longer than it retransmits data: up to half an hour, if the peer has answered probes
// for long before its host vanishes. Then a quarter of an hour is not enough.
func TestClosedWindowIsProbedForLonger(t *testing.T) {
	g := goal{within: 20 * time.Minute, inFlight: true}
	assert.Equal(t, "host vanishes, sending: found only after more than half an hour if its window is closed (tcp_retries2)", g.candidates()[0].why)
	g.within = time.Hour
	assert.Empty(t, g.candidates()[0].why)
}

// None of these settings spares a slow reader and still finds a host that vanishes while we send. A system setting does.
func TestGoalThatTheSystemCanMeet(t *testing.T) {
	for _, of := range []struct {
		goal goal
		says string
	}{
		{goal{within: 10 * time.Second, idle: true, inFlight: true, keepSlowReaders: true}, "none of these settings does it alone; by the rule, these do it with " +
			"net.ipv4.tcp_retries2 = 3, which holds for the whole system: --keepalive 6s,1s,3 --dial-timeout 9.5s --answer-timeout 9.5s"},
		{goal{within: time.Minute, inFlight: true, keepSlowReaders: true}, "none of these settings does it alone; by the rule, these do it with " +
			"net.ipv4.tcp_retries2 = 5, which holds for the whole system: --keepalive 27s,10s,3 --dial-timeout 59.5s --answer-timeout 59.5s"},
		{goal{within: 2 * time.Second, inFlight: true, keepSlowReaders: true}, "none of these settings does it: ask for less"},
		{goal{within: 10 * time.Second, idle: true, inFlight: true, keepSlowReaders: true, proxy: true}, "none of these settings does it: ask for less"},
		{goal{within: 500 * time.Millisecond, idle: true}, "none of these settings does it: ask for less"},
	} {
		assert.EqualError(t, of.goal.noneDoes(of.goal.candidates()), of.says, "%s", of.goal)
	}
}

// With the user timeout that is advised beside keepalive, the kernel sends as many probes as without it.
func TestUserTimeoutAgreesWithKeepalive(t *testing.T) {
	for within := 3 * time.Second; within < 10*time.Minute; within += 7 * time.Second {
		for _, c := range (goal{within: within, idle: true, inFlight: true}).candidates() {
			_, remarks := rule.Taken(c.settings)
			if c.settings.Keepalive.On() {
				assert.Empty(t, remarks, "%v: %s", within, c.settings)
			}
		}
	}
}

// The kernel takes the advised settings. By the rule, they meet the goal with any tick, and however late a kernel's timers are.
func TestKernelTakesWhatIsAdvised(t *testing.T) {
	for within := 2200 * time.Millisecond; within < 1000*time.Hour; within = within * 9 / 8 {
		for _, g := range []goal{{idle: true}, {inFlight: true}, {idle: true, inFlight: true, proxy: true}} {
			g.within = within
			good := 0
			for _, c := range g.candidates() {
				if c.why != "" {
					continue
				}
				good++
				_, remarks := rule.Taken(c.settings)
				for _, remark := range remarks {
					assert.False(t, remark.Refused, "%v: %s: %s", within, c.name, remark.Text)
				}
				for _, n := range g.needs() {
					if end, isSure := rule.Predict(c.settings, withTick(10*time.Millisecond), n.failure).NotAfter(); n.ends {
						assert.True(t, isSure && end <= within, "%v: %s: %s: %v", within, c.name, n.failure.Name, end)
					}
				}
			}
			assert.Positive(t, good, "%+v", g)
		}
	}
}

// There are goals that keepalive does not meet, each for another reason. Other settings meet most of them.
func TestGoalThatKeepaliveDoesNotMeet(t *testing.T) {
	for _, of := range []struct {
		goal goal
		good []string
		why  string // why keepalive does not meet it
	}{
		{goal{within: time.Second, inFlight: true}, []string{"a user timeout", "keepalive and a user timeout",
			"keepalive, and timeouts on active calls",
			"keepalive, a user timeout, and timeouts on active calls", "a heartbeat", "a heartbeat, and timeouts on active calls"},
			"host vanishes, request pending: found only after 15 min 25 s (tcp_retries2)"},
		{goal{within: time.Second, idle: true}, []string{"a heartbeat", "a heartbeat, and timeouts on active calls"},
			"host vanishes, idle: found only after 2 s (keepalive)"},
		{goal{within: time.Hour, idle: true, middlebox: time.Second}, []string{"a heartbeat", "a heartbeat, and timeouts on active calls"},
			"middlebox forgets, idle: the middlebox has forgotten the connection (keepalive, after 2 s)"},
		{goal{within: 500 * time.Millisecond, idle: true}, nil, "host vanishes, idle: found only after 2 s (keepalive)"},
		{goal{within: time.Microsecond, inFlight: true}, nil, "host vanishes, request pending: found only after 15 min 25 s (tcp_retries2)"},
	} {
		assert.Equal(t, of.good, judged(of.goal), "%+v", of.goal)
		assert.Equal(t, of.why, of.goal.candidates()[0].why, "%+v", of.goal)
	}
}
