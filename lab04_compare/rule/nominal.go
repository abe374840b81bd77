package rule

import (
	"cmp"
	"slices"
	"time"
)

// How a call may end, or not.
const (
	Waiting  = "waiting"
	Served   = "served"
	Deadline = "deadline"
	TimedOut = "ETIMEDOUT"
	Reset    = "ECONNRESET"
	EOF      = "EOF"
)

// What ends a call.
const (
	ByKeepalive            = "keepalive"
	ByKeepaliveUserTimeout = "keepalive, user timeout"
	ByUserTimeout          = "user timeout"
	ByRetries2             = "tcp_retries2"
	BySYNRetries           = "tcp_syn_retries"
	ByDialTimeout          = "dial timeout"
	ByWriteTimeout         = "write timeout"
	ByReadTimeout          = "read timeout"
	ByAnswerTimeout        = "answer timeout"
	ByHeartbeat            = "heartbeat"
	ByPeer                 = "the peer"
	ByProxy                = "the proxy"
)

// Event is something that ends our call, if nothing else has ended it before.
type Event struct {
	By, Outcome string
	After       time.Duration // if every timer is on time: the nominal time

	// It never comes earlier than NotBefore. On a machine that is not busy it comes no later than NotAfter: the
	// kernel's timers are late.
	NotBefore, NotAfter time.Duration

	// Two of our calls can learn of it, and the kernel tells the error to one of them: the other sees EOF.
	ToldOnce bool

	// If it is late, something else may come before it, and keep it from coming at all.
	MayMiss bool
}

// byKernel is an event at which the kernel arrives by its timers. They count ticks, and the first is already running.
func (s System) byKernel(by, outcome string, at moment) Event {
	return Event{By: by, Outcome: outcome, After: at.onTime, NotBefore: at.onTime - s.Tick, NotAfter: at.latest}
}

// byUs is one of Go's own timers, which are never early.
func byUs(by string, after time.Duration) Event {
	return Event{By: by, Outcome: Deadline, After: after, NotBefore: after, NotAfter: after}
}

// Prediction is what comes of a failure.
type Prediction struct {
	Events    []Event // all that may end our call, the first of them first
	Otherwise string  // what our call comes to if nothing ends it: Served when the peer speaks, or Waiting
}

// Predict says what comes of a failure.
func Predict(set Settings, s System, f Failure) Prediction {
	p := Prediction{Otherwise: Waiting}
	if f.Call == Idle && hears(set, s, f) {
		p.Otherwise = Served
	}
	for _, e := range append(deadlines(set, s, f), kernels(set, s, f)...) {
		e.ToldOnce = set.Heartbeat.On() && e.Outcome != Deadline // a read, and a ping
		if e.After > 0 || e.Outcome == EOF {
			e.MayMiss = e.MayMiss || isForgottenSometime(set, s, f)
			p.Events = append(p.Events, e)
		}
	}
	slices.SortStableFunc(p.Events, func(a, b Event) int { return cmp.Compare(a.After, b.After) })
	return p
}

// hears reports whether the peer's application answers a ping, and its news arrives.
func hears(set Settings, s System, f Failure) bool {
	return !f.Mute && f.Host == Acknowledges && !isForgotten(set, s, f)
}

// deadlines are those of our own calls.
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

// kernels are what the kernels of both sides do.
func kernels(set Settings, s System, f Failure) []Event {
	switch {
	case f.Call == Connect:
		return []Event{connectGivesUp(set.UserTimeout, s)}
	case f.Call == Send:
		return sending(set, s, f)
	case f.Host == Ended:
		return []Event{{By: ByPeer, Outcome: EOF}}
	case f.Host == Rebooted:
		return []Event{firstSegment(set, s)}
	case f.Outage:
		return outage(set, s)
	case f.Proxy:
		return proxyGivesUp(set, s, f)
	case f.Call == Answer && f.Host == Vanished:
		return []Event{unacknowledgedGivesUp(set.UserTimeout, s)}
	case f.Host == Vanished:
		return vanishedIdle(set, s)
	case isForgotten(set, s, f):
		return forgotten(set, s, f)
	default:
		return nil
	}
}

// sending is a write to a peer that does not read.
func sending(set Settings, s System, f Failure) (p []Event) {
	if set.UserTimeout > 0 {
		p = append(p, closedWindowGivesUp(set.UserTimeout, s))
	}
	if f.Pause > 0 {
		p = append(p, Event{By: ByPeer, Outcome: Served, After: f.Pause, NotBefore: f.Pause, NotAfter: f.Pause + s.RTOMin})
	}
	return p
}

// outage is a request that was lost, and the retransmission after it, too. The next one arrives, if nothing ends the
// connection before.
func outage(set Settings, s System) []Event {
	first := firstRetransmission(s)
	p := []Event{{By: ByPeer, Outcome: Served, After: first.onTime + 2*s.RTOMin,
		NotBefore: s.RTOMin - s.Tick, NotAfter: first.then(2*s.RTOMin+2*s.roundTrip(), s).latest}}
	if set.UserTimeout > 0 {
		p = append(p, unacknowledgedGivesUp(set.UserTimeout, s))
	}
	return p
}

// proxyGivesUp is the end of a connection with a proxy that can't hand on what we have sent: its kernel gives up the
// connection with the host that has vanished, with no TCP_USER_TIMEOUT, and the proxy closes ours. It hands on no probe.
func proxyGivesUp(set Settings, s System, f Failure) []Event {
	e := unacknowledgedGivesUp(0, s)
	e.By, e.Outcome = ByProxy, EOF
	switch {
	case f.Call == Answer:
		return []Event{e}
	case set.Heartbeat.On():
		return []Event{e.later(set.Heartbeat.Every)}
	default:
		return nil
	}
}

// later is the event if what leads to it begins so much later.
func (e Event) later(by time.Duration) Event {
	e.After, e.NotBefore, e.NotAfter = e.After+by, e.NotBefore+by, e.NotAfter+by
	return e
}

// Outcome is what our call comes to, if it is watched for long enough.
func (p Prediction) Outcome() string {
	if len(p.Events) == 0 {
		return p.Otherwise
	}
	return p.Events[0].Outcome
}

// NotAfter is when our call has ended on a machine that is not busy, if something is sure to end it.
func (p Prediction) NotAfter() (end time.Duration, isSure bool) {
	for _, e := range p.Events {
		if !e.MayMiss && (!isSure || e.NotAfter < end) {
			isSure, end = true, e.NotAfter
		}
	}
	return end, isSure
}

// Fits finds the event that an outcome can be, or nil. Two events that are close may come in either order: the first may
// be late, by the kernel's timers and as much as a machine that is busy adds.
func (p Prediction) Fits(outcome string, took, busy time.Duration) *Event {
	end, isSure := p.NotAfter()
	for i, e := range p.Events {
		told := e.Outcome == outcome || e.ToldOnce && outcome == EOF
		if told && took >= e.NotBefore && (!isSure || e.NotBefore <= end+busy) {
			return &p.Events[i]
		}
	}
	return nil
}
