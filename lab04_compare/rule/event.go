package rule

import "time"

// The outcomes of a call: how the call ends, or that it is still waiting.
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

// Event is something that ends our call, if nothing else has ended the call before.
type Event struct {
	By, Outcome string
	After       time.Duration // the nominal time: every timer is on time

	// The event never comes before NotBefore. On a machine that is not busy, it comes no later than NotAfter, which
	// allows for the lateness of the kernel's timers.
	NotBefore, NotAfter time.Duration

	// ReportedOnce: two of our calls are waiting. The kernel reports the error to one of them, and the other sees EOF.
	ReportedOnce bool

	// MayMiss: if the event is late, something else may come first, and prevent the event.
	MayMiss bool
}

// byKernel returns an event that the kernel's timers cause. They count ticks, and the first tick has already begun: so they
// may be early by up to a tick.
func (s System) byKernel(by, outcome string, at moment) Event {
	return Event{By: by, Outcome: outcome, After: at.onTime, NotBefore: at.onTime - s.Tick, NotAfter: at.latest}
}

// byUs returns an event that one of Go's own timers causes. They are never early.
func byUs(by string, after time.Duration) Event {
	return Event{By: by, Outcome: Deadline, After: after, NotBefore: after, NotAfter: after}
}

// later returns the same event, delayed by the given time.
func (e Event) later(by time.Duration) Event {
	e.After, e.NotBefore, e.NotAfter = e.After+by, e.NotBefore+by, e.NotAfter+by
	return e
}
