package rule

// firstSegment returns what happens when our side sends its first segment on an idle connection, and the peer's host does
// not know the connection: a reset.
func firstSegment(set Settings, s System) Event {
	first := byUs(ByHeartbeat, set.Heartbeat.Every)
	first.Outcome = Reset
	if k := set.Keepalive; k.On() && (first.After == 0 || k.Idle < first.After) {
		first = s.byKernel(ByKeepalive, Reset, moment{}.then(k.Idle, s))
	}
	return first
}

// silence returns the longest time between two segments from our side, on an idle connection whose peer answers.
// Keepalive's timer expires an interval after a probe, whether the probe was answered or not. It then sends the next
// probe if the peer was silent for the idle time. So a probe comes every idle time, or every
// interval if the interval is longer.
func silence(set Settings, s System) (longest moment) {
	if k := set.Keepalive; k.On() {
		longest = moment{}.then(max(k.Idle, k.Interval), s)
	}
	if every := set.Heartbeat.Every; every > 0 && (longest.onTime == 0 || every < longest.onTime) {
		longest = moment{every, every}
	}
	return longest
}

// isForgotten reports whether a middlebox may forget the connection, because nothing is sent in time. A segment that is
// due just before the idle timeout may come too late.
func isForgotten(set Settings, s System, f Failure) bool {
	first := firstSegment(set, s)
	return f.IdleTimeout > 0 && (first.After == 0 || first.NotAfter >= f.IdleTimeout || silence(set, s).latest >= f.IdleTimeout)
}

// isForgottenSometime reports whether a middlebox may forget the connection later, although the first probe or ping was
// in time. With both probes and pings, it is not certain after which probe or ping the middlebox forgets.
func isForgottenSometime(set Settings, s System, f Failure) bool {
	return isForgotten(set, s, f) && set.Keepalive.On() && set.Heartbeat.On() && firstSegment(set, s).After < f.IdleTimeout
}

// ended returns what may end our call when the other side's kernel closes the connection, because its process is gone. If
// the process left a ping unread, or a ping comes later, that kernel resets the connection: RFC 2525 section 2.17, and RFC
// 9293 section 3.10.7.1.
func ended(set Settings) []Event {
	p := []Event{{By: ByPeer, Outcome: EOF}}
	if every := set.Heartbeat.Every; every > 0 {
		p = append(p, Event{By: ByPeer, Outcome: Reset, After: every, NotAfter: every, MayMiss: true})
	}
	return p
}

// vanishedIdle returns what may end our call on an idle connection whose peer sends nothing any more. While a ping is
// unacknowledged, keepalive sends no probe, and the ping times out as other data does.
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

// forgotten returns what may end our call on an idle connection that a middlebox may forget. Once the middlebox has
// forgotten the connection, our side's segments no longer arrive. If our first segment was answered, keepalive counts from that
// answer.
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
		if first.NotAfter >= f.IdleTimeout { // the first segment may be too late
			e.NotBefore = p[0].NotBefore
		}
		p = []Event{e}
	}
	last := p[len(p)-1].NotAfter // or a segment reaches the middlebox in time, and later the peer's news arrives
	return append(p, Event{By: ByPeer, Outcome: Served, After: last, NotBefore: f.IdleTimeout, NotAfter: last, MayMiss: true})
}
