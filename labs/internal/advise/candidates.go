package advise

import (
	"fmt"
	"time"

	"socketlabs/lab04_compare/rule"
)

// Candidates are the kinds of settings that there are, each as good as it can be made for the goal, and what comes of it.
func (g goal) candidates() ([]candidate, error) {
	keepalive, err := g.keepalive()
	if err != nil {
		return nil, err
	}
	// It agrees with the probe count, which it takes the place of: it ends within the last probe's interval.
	beside := keepalive.Death() - keepalive.Interval/2
	timeouts := rule.Settings{Keepalive: keepalive, DialTimeout: g.within, WriteTimeout: g.within, AnswerTimeout: g.within}
	all := timeouts
	all.UserTimeout = beside
	patient := timeouts
	patient.WriteTimeout = 0
	candidates := []candidate{
		{name: "keepalive", settings: rule.Settings{Keepalive: keepalive}},
		{name: "a user timeout", settings: rule.Settings{UserTimeout: g.userTimeout()}},
		{name: "a timeout on every read", settings: rule.Settings{DialTimeout: g.within, WriteTimeout: g.within, ReadTimeout: g.within}},
		{name: "keepalive and a user timeout", settings: rule.Settings{Keepalive: keepalive, UserTimeout: beside}},
		{name: "keepalive, and timeouts on answers, not on writes", settings: patient},
		{name: "keepalive, and timeouts on active calls", settings: timeouts},
		{name: "keepalive, a user timeout, and timeouts on active calls", settings: all},
		{name: "a heartbeat", settings: rule.Settings{DialTimeout: g.within, Heartbeat: g.heartbeat()}},
		{name: "a heartbeat, and timeouts on active calls", settings: rule.Settings{DialTimeout: g.within, WriteTimeout: g.within,
			AnswerTimeout: g.within, Heartbeat: g.heartbeat()}},
	}
	for i := range candidates {
		g.judge(&candidates[i])
	}
	return candidates, nil
}

// keepalive has as many probes, up to three, and waits for as long as the goal allows, the kernel's lateness included.
func (g goal) keepalive() (rule.Keepalive, error) {
	idle, _ := rule.FailureNamed("host vanishes, idle")
	longest := g.within
	if g.middlebox > 0 {
		longest = min(longest, g.middlebox/2)
	}
	for count := 3; count > 0; count-- {
		for interval := (g.within / 6).Truncate(time.Second); interval >= time.Second || count == 1 && interval == 0; interval -= time.Second {
			k := rule.Keepalive{Idle: longest.Truncate(time.Second), Interval: max(interval, time.Second), Count: count}
			for k.Idle > 0 && !endsBy(rule.Predict(rule.Settings{Keepalive: k}, rule.Default(), idle), g.within) {
				k.Idle -= time.Second
			}
			if k.Idle >= k.Interval {
				return k, nil
			}
		}
	}
	return rule.Keepalive{}, fmt.Errorf("nothing finds an idle dead peer within %v: keepalive's least is 1 s of silence, and 1 s for a probe; "+
		"ask for 2.2s or more", g.within)
}

// userTimeout is the longest that ends data in flight in time.
func (g goal) userTimeout() time.Duration {
	pending, _ := rule.FailureNamed("host vanishes, request pending")
	const step = 100 * time.Millisecond
	u := g.within.Truncate(step)
	for u > step && !endsBy(rule.Predict(rule.Settings{UserTimeout: u}, rule.Default(), pending), g.within) {
		u -= step
	}
	return u
}

// heartbeat pings three times in the silence that it takes for death.
func (g goal) heartbeat() rule.Heartbeat {
	every := g.within / 3
	if g.middlebox > 0 {
		every = min(every, g.middlebox/2)
	}
	return rule.Heartbeat{Every: every.Truncate(time.Millisecond), Silence: g.within}
}
