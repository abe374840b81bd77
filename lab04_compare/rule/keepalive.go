package rule

import "time"

// keepaliveGivesUp returns when keepalive gives up on a peer that sends nothing: tcp_keepalive_timer(). The time is
// counted from the last segment received.
//
// Without TCP_USER_TIMEOUT, keepalive gives up when k.Count probes have gone unanswered, each for an interval. With
// TCP_USER_TIMEOUT, the kernel ignores the count: it gives up at the end of the first interval that ends at or after the
// timeout. If the timers are late, this end may be one interval earlier than if they are on time.
func keepaliveGivesUp(k Keepalive, userTimeout time.Duration, s System) Event {
	end := moment{}.then(k.Idle, s).then(k.Interval, s) // of the first probe's interval
	if userTimeout == 0 {
		for range k.Count - 1 {
			end = end.then(k.Interval, s)
		}
		return s.byKernel(ByKeepalive, TimedOut, end)
	}
	for end.latest < userTimeout {
		end = end.then(k.Interval, s)
	}
	e := s.byKernel(ByKeepaliveUserTimeout, TimedOut, end)
	e.NotBefore = max(e.NotBefore, userTimeout-s.Tick)
	for end.onTime < userTimeout {
		end = end.then(k.Interval, s)
	}
	e.After, e.NotAfter = end.onTime, end.latest
	return e
}
