package advise

import (
	"fmt"
	"time"

	"socketlabs/lab04_compare/rule"
)

// Candidates are the kinds of settings that there are, each as good as it can be made for the goal, and what comes of it.
func (g Goal) Candidates() ([]Candidate, error) {
	keepalive, err := g.keepalive()
	if err != nil {
		return nil, err
	}
	// It agrees with the probe count, which it takes the place of: it ends within the last probe's interval.
	beside := keepalive.Death() - keepalive.Interval/2
	timeouts := rule.Settings{Keepalive: keepalive, DialTimeout: g.Within, WriteTimeout: g.Within, AnswerTimeout: g.Within}
	all := timeouts
	all.UserTimeout = beside
	patient := timeouts
	patient.WriteTimeout = 0
	candidates := []Candidate{
		{Name: "keepalive", Settings: rule.Settings{Keepalive: keepalive}},
		{Name: "a user timeout", Settings: rule.Settings{UserTimeout: g.userTimeout()}},
		{Name: "a timeout on every read", Settings: rule.Settings{DialTimeout: g.Within, WriteTimeout: g.Within, ReadTimeout: g.Within}},
		{Name: "keepalive and a user timeout", Settings: rule.Settings{Keepalive: keepalive, UserTimeout: beside}},
		{Name: "keepalive, and timeouts on answers, not on writes", Settings: patient},
		{Name: "keepalive, and timeouts on active calls", Settings: timeouts},
		{Name: "keepalive, a user timeout, and timeouts on active calls", Settings: all},
		{Name: "a heartbeat", Settings: rule.Settings{DialTimeout: g.Within, Heartbeat: g.heartbeat()}},
		{Name: "a heartbeat, and timeouts on active calls", Settings: rule.Settings{DialTimeout: g.Within, WriteTimeout: g.Within,
			AnswerTimeout: g.Within, Heartbeat: g.heartbeat()}},
	}
	for i := range candidates {
		g.judge(&candidates[i])
	}
	return candidates, nil
}

// keepalive has as many probes, up to three, and waits for as long as the goal allows, the kernel's lateness included.
func (g Goal) keepalive() (rule.Keepalive, error) {
	idle, _ := rule.FailureNamed("host vanishes, idle")
	longest := g.Within
	if g.Box > 0 {
		longest = min(longest, g.Box/2)
	}
	for count := 3; count > 0; count-- {
		for interval := (g.Within / 6).Truncate(time.Second); interval >= time.Second || count == 1 && interval == 0; interval -= time.Second {
			k := rule.Keepalive{Idle: longest.Truncate(time.Second), Interval: max(interval, time.Second), Count: count}
			for k.Idle > 0 && rule.Predict(rule.Settings{Keepalive: k}, rule.Default(), idle).NotAfter() > g.Within {
				k.Idle -= time.Second
			}
			if k.Idle >= k.Interval {
				return k, nil
			}
		}
	}
	return rule.Keepalive{}, fmt.Errorf("nothing finds an idle dead peer within %v: keepalive's least is 1 s of silence, and 1 s for a probe; "+
		"ask for 2.2s or more", g.Within)
}

// userTimeout is the longest that ends data in flight in time.
func (g Goal) userTimeout() time.Duration {
	asked, _ := rule.FailureNamed("host vanishes, asked")
	const step = 100 * time.Millisecond
	u := g.Within.Truncate(step)
	for u > step && rule.Predict(rule.Settings{UserTimeout: u}, rule.Default(), asked).NotAfter() > g.Within {
		u -= step
	}
	return u
}

// heartbeat pings three times in the silence that it takes for death.
func (g Goal) heartbeat() rule.Heartbeat {
	every := g.Within / 3
	if g.Box > 0 {
		every = min(every, g.Box/2)
	}
	return rule.Heartbeat{Every: every.Truncate(time.Millisecond), Silence: g.Within}
}
