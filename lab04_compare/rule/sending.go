package rule

import "time"

// firstRetransmission is when data that is not acknowledged was sent again for the first time, by a timer that counts
// as a retransmission. Before it comes a tail loss probe, which does not: tcp_schedule_loss_probe(). It is left out when
// more than one segment is in flight, so the strict bound does without it.
func firstRetransmission(s System) moment {
	rto := s.RTOMin + s.roundTrip()
	return moment{2 * s.RTOMin, moment{}.then(rto, s).then(rto, s).latest}
}

// roundTrip is more than one takes on a loopback, and the rounding of the kernel's clock with it.
func (s System) roundTrip() time.Duration { return 2*s.Tick + 2*time.Millisecond }

// unacknowledgedGivesUp is when the kernel gives up data that it has sent, and nobody acknowledges:
// tcp_write_timeout(). It counts from the first retransmission.
//
// TCP_USER_TIMEOUT is kept exactly, as the timer of the last retransmission is cut short:
// tcp_clamp_rto_to_user_timeout(). tcp_retries2 becomes a time by tcp_model_timeout(), and the connection ends at the
// first retransmission that is not before it.
func unacknowledgedGivesUp(userTimeout time.Duration, s System) Event {
	first := firstRetransmission(s)
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
	e := s.byKernel(ByRetries2, TimedOut, moment{first.onTime + possible, first.latest + since.latest})
	e.NotBefore = earliest + possible
	return e
}

// modelTimeout is how long the kernel takes a number of retransmissions to last: tcp_model_timeout(), and tcp_retries2
// in ip-sysctl. Each wait is twice the one before, up to a limit.
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

// closedWindowGivesUp is when the kernel gives up on a peer that acknowledges, and has no room: tcp_probe_timer(). That is
// TCP_USER_TIMEOUT after the first window probe. Without it, it never does: RFC 9293 section 3.8.6.1.
//
// That holds for a tcp_retries2 of 2 or more. It limits the probes that go unanswered, and a kernel answers one in half a
// second (tcp_invalid_ratelimit): with a limit of 1, a peer that is there is dropped at the third probe, after 1.3 s.
func closedWindowGivesUp(userTimeout time.Duration, s System) Event {
	e := s.byKernel(ByUserTimeout, TimedOut, firstRetransmission(s).then(max(userTimeout, s.Tick), s))
	e.After = s.RTOMin + userTimeout
	e.NotBefore = e.After - s.Tick
	return e
}
