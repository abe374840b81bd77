package rule

import (
	"cmp"
	"slices"
	"time"
)

// Prediction is the outcome of a failure by the rule.
type Prediction struct {
	Events    []Event // everything that may end our call, the earliest first
	Otherwise string  // the outcome if nothing ends our call: Served when the peer sends something, or Waiting
}

// Predict computes the outcome of a failure.
func Predict(set Settings, s System, f Failure) Prediction {
	p := Prediction{Otherwise: Waiting}
	if f.Call == Idle && hears(set, s, f) {
		p.Otherwise = Served
	}
	for _, e := range append(deadlines(set, s, f), kernels(set, s, f)...) {
		e.ReportedOnce = set.Heartbeat.On() && e.Outcome != Deadline // two calls: a read, and the write of a ping
		if e.After > 0 || e.Outcome == EOF {
			e.MayMiss = e.MayMiss || isForgottenSometime(set, s, f)
			p.Events = append(p.Events, e)
		}
	}
	slices.SortStableFunc(p.Events, func(a, b Event) int { return cmp.Compare(a.After, b.After) })
	return p
}

// hears reports whether the peer's application answers pings, and what it sends later arrives.
func hears(set Settings, s System, f Failure) bool {
	return !f.Mute && f.Host == Acknowledges && !isForgotten(set, s, f)
}

// deadlines returns the deadlines of our own calls.
func deadlines(set Settings, s System, f Failure) (p []Event) {
	answers := hears(set, s, f)
	if set.Heartbeat.On() && f.Call != Connect && (!answers || set.Heartbeat.Silence < set.Heartbeat.Every) {
		p = append(p, byUs(ByHeartbeat, set.Heartbeat.Silence))
	}
	pinged := set.Heartbeat.On() && answers && set.Heartbeat.Every < set.ReadTimeout // a read returns with each answer
	switch f.Call {
	case Connect:
		return append(p, byUs(ByDialTimeout, set.DialTimeout))
	case Send:
		p = append(p, byUs(ByWriteTimeout, set.WriteTimeout))
		if !set.Heartbeat.On() {
			return p // nobody reads
		}
	case Answer:
		p = append(p, byUs(ByAnswerTimeout, set.AnswerTimeout))
	}
	if !pinged {
		p = append(p, byUs(ByReadTimeout, set.ReadTimeout))
	}
	return p
}

// kernels returns what the kernels of both sides may do to end our call.
func kernels(set Settings, s System, f Failure) []Event {
	switch {
	case f.Call == Connect:
		return []Event{connectGivesUp(set.UserTimeout, s)}
	case f.Call == Send:
		return sending(set, s, f)
	case f.Host == Ended:
		return ended(set)
	case f.Host == Rebooted:
		return []Event{firstSegment(set, s)}
	case f.Outage:
		return outage(set, s)
	case f.Proxy:
		return proxyGivesUp(set, s, f)
	case f.Call == Answer && f.Host == Vanished:
		return []Event{unacknowledgedGivesUp(set.UserTimeout, firstRetransmission(s), s)}
	case f.Host == Vanished:
		return vanishedIdle(set, s)
	case isForgotten(set, s, f):
		return forgotten(set, s, f)
	default:
		return nil
	}
}

// Outcome returns how our call ends, if we watch it for long enough, or that it never ends.
func (p Prediction) Outcome() string {
	if len(p.Events) == 0 {
		return p.Otherwise
	}
	return p.Events[0].Outcome
}

// NotAfter returns the time by which our call has ended on a machine that is not busy. isSure is false if nothing is sure to
// end the call.
func (p Prediction) NotAfter() (end time.Duration, isSure bool) {
	for _, e := range p.Events {
		if !e.MayMiss && (!isSure || e.NotAfter < end) {
			isSure, end = true, e.NotAfter
		}
	}
	return end, isSure
}

// Fits finds the event that fits an outcome, or returns nil. Two events that are close together may come in either order:
// the kernel's timers may be late, and a busy machine adds to that.
func (p Prediction) Fits(outcome string, took, busy time.Duration) *Event {
	end, isSure := p.NotAfter()
	for i, e := range p.Events {
		told := e.Outcome == outcome || e.ReportedOnce && outcome == EOF
		if told && took >= e.NotBefore && (!isSure || e.NotBefore <= end+busy) {
			return &p.Events[i]
		}
	}
	return nil
}
