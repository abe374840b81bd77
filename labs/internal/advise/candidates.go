package advise

import (
	"sort"
	"time"

	"socketlabs/lab04_compare/rule"
)

// candidate is a kind of settings, made for the goal.
type candidate struct {
	name     string
	settings rule.Settings
	decisive []rule.Failure // their measurement shows whether it meets the goal

	why        string // why it does not meet the goal; empty if it does, by the rule and as measured
	unverified string // why it is not certain that it meets the goal; empty if every decisive failure was measured
}

// candidates returns one candidate of each kind, as good as it can be made for the goal, and judges them by the rule.
func (g goal) candidates() []candidate {
	keepalive := g.keepalive()
	// With a user timeout, the kernel ignores the probe count. This one ends within the interval of the last probe, so
	// that the connection dies as if the probes were counted.
	beside := min(keepalive.Death()-keepalive.Interval/2, g.userTimeout())
	patience := g.patience()
	active := rule.Settings{DialTimeout: patience, WriteTimeout: patience, AnswerTimeout: patience}
	timeouts := active
	timeouts.Keepalive = keepalive
	all := timeouts
	all.UserTimeout = beside
	patient := timeouts
	patient.WriteTimeout = 0
	pinged := active
	pinged.Heartbeat = g.heartbeat()
	candidates := []candidate{
		{name: "keepalive", settings: rule.Settings{Keepalive: keepalive}},
		{name: "a user timeout", settings: rule.Settings{UserTimeout: g.userTimeout()}},
		{name: "a timeout on every read", settings: rule.Settings{DialTimeout: patience, WriteTimeout: patience, ReadTimeout: patience}},
		{name: "keepalive and a user timeout", settings: rule.Settings{Keepalive: keepalive, UserTimeout: beside}},
		{name: "keepalive, and timeouts on answers, not on writes", settings: patient},
		{name: "keepalive, and timeouts on active calls", settings: timeouts},
		{name: "keepalive, a user timeout, and timeouts on active calls", settings: all},
		{name: "a heartbeat", settings: rule.Settings{DialTimeout: patience, Heartbeat: pinged.Heartbeat}},
		{name: "a heartbeat, and timeouts on active calls", settings: pinged},
	}
	for i := range candidates {
		g.judge(&candidates[i])
	}
	return candidates
}

// judge says why the kernel refuses the settings, or why they don't meet the goal by the rule. It chooses the failures
// to measure: none if the kernel refuses the settings.
func (g goal) judge(c *candidate) {
	_, remarks := rule.Taken(c.settings)
	for _, remark := range remarks {
		if remark.Refused {
			c.why = remark.Text
			return
		}
	}
	if short := g.shortfalls(c.settings); short != nil {
		c.why, c.decisive = short[0].why, []rule.Failure{short[0].failure}
		return
	}
	for _, n := range g.needs() {
		c.decisive = append(c.decisive, n.failure)
	}
}

// keepalive has as many probes (at most three) and waits as long as the goal and the kernel allow. It allows for the
// lateness of the kernel's timers. If no keepalive meets the goal, it is the shortest that the kernel takes.
func (g goal) keepalive() rule.Keepalive {
	idle, _ := rule.FailureNamed("host vanishes, idle")
	const most = rule.MostSeconds * time.Second
	longest := min(g.within, most)
	if g.middlebox > 0 {
		longest = min(longest, g.middlebox/2)
	}
	for count := 3; count > 0; count-- {
		for interval := min(g.within/6, most).Truncate(time.Second); interval >= time.Second || count == 1 && interval == 0; interval -= time.Second {
			k := rule.Keepalive{Interval: max(interval, time.Second), Count: count}
			k.Idle = mostThat(longest, time.Second, func(d time.Duration) bool {
				k.Idle = d
				return g.endsInTime(rule.Settings{Keepalive: k}, idle)
			})
			if k.Idle >= k.Interval {
				return k
			}
		}
	}
	return rule.Keepalive{Idle: time.Second, Interval: time.Second, Count: 1}
}

// userTimeout is the longest user timeout that ends a connection with data in flight in time.
func (g goal) userTimeout() time.Duration {
	pending, _ := rule.FailureNamed("host vanishes, request pending")
	const step = 100 * time.Millisecond
	return max(step, mostThat(min(g.within, rule.MostUserTimeout), step, func(d time.Duration) bool {
		return g.endsInTime(rule.Settings{UserTimeout: d}, pending)
	}))
}

// patience is the length of timeouts on calls. It is shorter than the goal's time, because a call may return late on a
// busy machine.
func (g goal) patience() time.Duration {
	const least, most = time.Millisecond, 500 * time.Millisecond
	return max(least, (g.within - min(g.within/20, most)).Truncate(least))
}

// heartbeat pings three times in the silence after which the peer counts as dead, or more often if a middlebox needs it.
func (g goal) heartbeat() rule.Heartbeat {
	silence := g.patience()
	every := silence / 3
	if g.middlebox > 0 {
		every = min(every, g.middlebox/2)
	}
	const least = time.Millisecond
	every = max(least, every.Truncate(least))
	return rule.Heartbeat{Every: every, Silence: min(silence, rule.MostPings*every)}
}

// endsInTime reports whether settings certainly end the call within the goal's time.
func (g goal) endsInTime(set rule.Settings, f rule.Failure) bool {
	end, isSure := latest(set, f)
	return isSure && end <= g.within
}

// mostThat is the largest multiple of step, at most limit, for which isGood is true; 0 if there is none. If isGood is true for
// a multiple, it must be true for all smaller ones.
func mostThat(limit, step time.Duration, isGood func(time.Duration) bool) time.Duration {
	return time.Duration(sort.Search(int(limit/step), func(i int) bool { return !isGood(time.Duration(i+1) * step) })) * step
}
