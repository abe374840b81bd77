package rule

import "time"

// firstRetransmission returns when the retransmission timer first retransmits an unacknowledged segment. A tail loss probe
// comes before that, and does not count: tcp_schedule_loss_probe(). The kernel sends no tail loss probe after a loss, so the
// strict lower bound assumes that there is none.
func firstRetransmission(s System) moment {
	rto := s.RTOMin + s.roundTrip()
	return moment{2 * s.RTOMin, moment{}.then(rto, s).then(rto, s).latest}
}

// firstOfMany returns when the timer first retransmits if more than one segment is in flight: then the tail loss probe comes
// after a few ticks, and not after RTOMin.
func firstOfMany(s System) moment { return moment{s.RTOMin, firstRetransmission(s).latest} }

// roundTrip returns more than a round trip takes on a loopback, including the rounding of the kernel's clock.
func (s System) roundTrip() time.Duration { return 2*s.Tick + 2*time.Millisecond }

// unacknowledgedGivesUp returns when the kernel gives up on data that it has sent and that nobody acknowledges:
// tcp_write_timeout(). It counts from the first retransmission.
//
// The kernel keeps TCP_USER_TIMEOUT exactly, because it shortens the last RTO: tcp_clamp_rto_to_user_timeout().
// tcp_model_timeout() converts tcp_retries2 to a time. The connection ends when the first retransmission at or after that
// time would be due.
func unacknowledgedGivesUp(userTimeout time.Duration, first moment, s System) Event {
	earliest := s.RTOMin - s.Tick // without a tail loss probe
	if userTimeout > 0 {
		e := s.byKernel(ByUserTimeout, TimedOut, first.then(max(userTimeout, s.Tick), s))
		e.NotBefore = earliest + userTimeout
		return e
	}
	limit := modelTimeout(s.Retries2, s.RTOMin, s.RTOMax)
	since := moment{} // the first retransmission
	rto := moment{s.RTOMin, s.RTOMin + s.roundTrip()}
	next := func() {
		rto.onTime, rto.latest = min(2*rto.onTime, s.RTOMax), min(2*rto.latest, s.RTOMax)
		since = moment{since.onTime + rto.onTime, since.latest + rto.latest + s.granule(rto.latest)}
	}
	for next(); since.latest < limit; next() {
	}
	possible := max(since.onTime, limit)
	for since.onTime < limit {
		next()
	}
	e := s.byKernel(ByRetries2, TimedOut, moment{first.onTime + s.nominally(limit), first.latest + since.latest})
	e.NotBefore = earliest + possible
	return e
}

// nominally returns when the first retransmission at or after the limit is due, if the timers are on time. In fact the
// kernel rounds each RTO up, and its timers are a little late: by about two ticks in the first RTO. This lateness decides
// which retransmission is the first to reach the limit.
func (s System) nominally(limit time.Duration) (after time.Duration) {
	wait, late := s.RTOMin, s.RTOMin+2*s.Tick
	for since := time.Duration(0); since < limit; since += late {
		wait, late = min(2*wait, s.RTOMax), min(2*late, s.RTOMax)
		after += wait
	}
	return max(after, limit)
}

// modelTimeout returns how long a number of retransmissions takes, as the kernel calculates it: tcp_model_timeout(), and
// tcp_retries2 in ip-sysctl. Each RTO is twice the previous RTO, up to a limit.
func modelTimeout(retries int, rto, most time.Duration) (sum time.Duration) {
	doublings := 0
	for double := 2 * rto; double <= most; double *= 2 {
		doublings++
	}
	for n := range retries + 1 {
		if n <= doublings {
			sum += rto << n
		} else {
			sum += most
		}
	}
	return sum
}

// RetriesFor returns the largest tcp_retries2 with which the kernel gives up on a vanished host within the given time, if
// nothing else is set. The result holds for data in flight and for a closed window. The kernel never gives up on a peer that
// acknowledges but does not read, because it does not count answered probes. RetriesFor returns 0 if no number is small enough.
func RetriesFor(within time.Duration, s System) int {
	const most, least = 15, 2 // the kernel's default, and the smallest for which closedWindowGivesUp holds
	for s.Retries2 = most; s.Retries2 >= least; s.Retries2-- {
		if unacknowledgedGivesUp(0, firstOfMany(s), s).NotAfter <= within && unansweredProbesGiveUp(s).NotAfter <= within {
			return s.Retries2
		}
	}
	return 0
}

// unansweredProbesGiveUp returns when the kernel gives up on a peer whose window is closed, and whose host vanishes:
// tcp_probe_timer(). It assumes that many probes were answered before, so that every wait is as long as it can get.
func unansweredProbesGiveUp(s System) Event {
	at, wait := moment{}, min((s.RTOMin+s.roundTrip())<<s.Retries2, s.RTOMax) // tcp_send_probe0() doubles the wait at most this often
	for range s.Retries2 + 1 {
		at = at.then(wait, s)
	}
	return s.byKernel(ByRetries2, TimedOut, at)
}

// closedWindowGivesUp returns when the kernel gives up on a peer that acknowledges, but keeps its window closed:
// tcp_probe_timer(). It gives up TCP_USER_TIMEOUT after the first window probe. Without that option, the kernel never gives
// up: RFC 9293 section 3.8.6.1.
//
// This rule holds if tcp_retries2 is 2 or more. tcp_retries2 limits the unanswered probes, and a kernel answers only one probe
// in half a second (tcp_invalid_ratelimit). With a limit of 1, the kernel drops a live peer at the third probe, after 1.3 s.
func closedWindowGivesUp(userTimeout time.Duration, s System) Event {
	e := s.byKernel(ByUserTimeout, TimedOut, firstRetransmission(s).then(max(userTimeout, s.Tick), s))
	e.After = s.RTOMin + userTimeout
	e.NotBefore = e.After - s.Tick
	return e
}

// sending returns what may end a write to a peer that does not read, or whose host has vanished.
func sending(set Settings, s System, f Failure) (p []Event) {
	if f.Host == Vanished {
		return []Event{unacknowledgedGivesUp(set.UserTimeout, firstOfMany(s), s)}
	}
	if set.UserTimeout > 0 {
		p = append(p, closedWindowGivesUp(set.UserTimeout, s))
	}
	if f.Pause > 0 {
		p = append(p, Event{By: ByPeer, Outcome: Served, After: f.Pause, NotBefore: f.Pause, NotAfter: f.Pause + s.RTOMin})
	}
	return p
}

// outage returns what may end our call if the request and its first retransmission were lost. The next retransmission
// arrives, unless something ends the connection first.
func outage(set Settings, s System) []Event {
	first := firstRetransmission(s)
	p := []Event{{By: ByPeer, Outcome: Served, After: first.onTime + 2*s.RTOMin,
		NotBefore: s.RTOMin - s.Tick, NotAfter: first.then(2*s.RTOMin+2*s.roundTrip(), s).latest}}
	if set.UserTimeout > 0 {
		p = append(p, unacknowledgedGivesUp(set.UserTimeout, first, s))
	}
	return p
}

// proxyGivesUp returns what may end our connection to a proxy that can't forward our data, because the host behind it has
// vanished. The proxy has no TCP_USER_TIMEOUT. When its kernel gives up on the connection to that host, the proxy closes ours.
// A proxy does not forward probes: if we send no data, nothing ends our connection.
func proxyGivesUp(set Settings, s System, f Failure) []Event {
	e := unacknowledgedGivesUp(0, firstRetransmission(s), s)
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
