package rule

// firstSegment is the first segment that our side sends on an idle connection, and the answer of a host that does not
// know the connection.
func firstSegment(set Settings, s System) Event {
	first := byUs(ByHeartbeat, set.Heartbeat.Every)
	first.Outcome = Reset
	if k := set.Keepalive; k.On() && (first.After == 0 || k.Idle < first.After) {
		first = s.byKernel(ByKeepalive, Reset, moment{}.then(k.Idle, s))
	}
	return first
}

// silence is the longest for which our side sends nothing on an idle connection whose peer answers, once it has sent
// something. Keepalive's timer expires an interval after a probe, whether that was answered or not, and sends the next
// one if the peer was silent for the idle time: probes come every idle time, or every interval if that is longer.
func silence(set Settings, s System) (longest moment) {
	if k := set.Keepalive; k.On() {
		longest = moment{}.then(max(k.Idle, k.Interval), s)
	}
	if every := set.Heartbeat.Every; every > 0 && (longest.onTime == 0 || every < longest.onTime) {
		longest = moment{every, every}
	}
	return longest
}

// isForgotten reports whether a middlebox may forget the connection, because nothing is sent in time. What is sent just
// before its idle timeout may be late.
func isForgotten(set Settings, s System, f Failure) bool {
	first := firstSegment(set, s)
	return f.IdleTimeout > 0 && (first.After == 0 || first.NotAfter >= f.IdleTimeout || silence(set, s).latest >= f.IdleTimeout)
}

// isForgottenSometime reports whether a middlebox may forget the connection after a probe or a ping was in time. With
// both, it is not sure after which one.
func isForgottenSometime(set Settings, s System, f Failure) bool {
	return isForgotten(set, s, f) && set.Keepalive.On() && set.Heartbeat.On() && firstSegment(set, s).After < f.IdleTimeout
}

// ended is a connection that the other side's kernel closes, as its process is gone. With a ping that was not read, or that
// comes later, it resets it: RFC 2525 section 2.17, and RFC 9293 section 3.10.7.1.
func ended(set Settings) []Event {
	p := []Event{{By: ByPeer, Outcome: EOF}}
	if every := set.Heartbeat.Every; every > 0 {
		p = append(p, Event{By: ByPeer, Outcome: Reset, After: every, NotAfter: every, MayMiss: true})
	}
	return p
}

// vanishedIdle is an idle connection from whose other end nothing comes. While a ping is unacknowledged, keepalive sends no
// probe, and the ping times out as other data does.
func vanishedIdle(set Settings, s System) (p []Event) {
	every := set.Heartbeat.Every
	if set.Keepalive.On() {
		if e := keepaliveGivesUp(set.Keepalive, set.UserTimeout, s); every == 0 || e.NotBefore <= every {
			e.MayMiss = every > 0 && e.NotAfter >= every
			p = append(p, e)
		}
	}
	if every > 0 {
		p = append(p, unacknowledgedGivesUp(set.UserTimeout, firstRetransmission(s), s).later(every))
	}
	return p
}

// forgotten is an idle connection that a middlebox may forget: our side's segments no longer arrive. If the
// first one was answered, keepalive counts from there.
func forgotten(set Settings, s System, f Failure) []Event {
	p := vanishedIdle(set, s)
	first := firstSegment(set, s)
	if first.After == 0 || first.After >= f.IdleTimeout {
		return p
	}
	if !set.Heartbeat.On() {
		k := set.Keepalive
		k.Idle = max(k.Idle, k.Interval)
		e := keepaliveGivesUp(k, set.UserTimeout, s).later(first.After)
		e.NotAfter += first.NotAfter - first.After
		if first.NotAfter >= f.IdleTimeout { // it may be late
			e.NotBefore = p[0].NotBefore
		}
		p = []Event{e}
	}
	last := p[len(p)-1].NotAfter // or the middlebox is reminded in time, and the peer's news arrives
	return append(p, Event{By: ByPeer, Outcome: Served, After: last, NotBefore: f.IdleTimeout, NotAfter: last, MayMiss: true})
}
