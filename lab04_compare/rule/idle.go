package rule

// firstSegment is the first that our side sends on an idle connection, and what a host answers that does not know it.
func firstSegment(set Settings, s System) Event {
	first := byUs(ByHeartbeat, set.Heartbeat.Every)
	first.Outcome = Reset
	if k := set.Keepalive; k.On() && (first.After == 0 || k.Idle < first.After) {
		first = s.byKernel(ByKeepalive, Reset, moment{}.then(k.Idle, s))
	}
	return first
}

// vanishedIdle is an idle connection from whose other end nothing comes. A ping that nobody acknowledges silences
// keepalive, and is then given up as other data is.
func vanishedIdle(set Settings, s System) (p []Event) {
	every := set.Heartbeat.Every
	if set.Keepalive.On() {
		if e := keepaliveGivesUp(set.Keepalive, set.UserTimeout, s); every == 0 || e.NotBefore <= every {
			e.MayMiss = every > 0 && e.NotAfter >= every
			p = append(p, e)
		}
	}
	if every > 0 {
		p = append(p, unacknowledgedGivesUp(set.UserTimeout, s).later(every))
	}
	return p
}

// forgotten is an idle connection that a box in the way forgets: our side's segments arrive nowhere. One that is on time
// may have reminded the box while one that is late would not; then the peer's news arrives.
func forgotten(set Settings, s System, f Failure) []Event {
	p := vanishedIdle(set, s)
	if first := firstSegment(set, s); first.After > 0 && first.After < f.Memory {
		last := p[len(p)-1]
		p = append(p, Event{By: ByPeer, Outcome: Served, After: last.NotAfter, NotBefore: f.Memory, NotAfter: last.NotAfter, MayMiss: true})
	}
	return p
}
