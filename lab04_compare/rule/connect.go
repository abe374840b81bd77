package rule

import "time"

// connectGivesUp is when the kernel gives up on a connect that nobody answers: tcp_write_timeout(), for SYN_SENT. It looks
// each time that a SYN would be sent again, and never before the first has been: a shorter TCP_USER_TIMEOUT is taken for
// the first wait. The limit on the SYNs counts both as a number and, by tcp_model_timeout(), as a time.
func connectGivesUp(userTimeout time.Duration, s System) Event {
	limit, by := modelTimeout(s.SYNRetries, s.FirstSYNRTO, s.RTOMax), BySYNRetries
	if userTimeout > 0 {
		limit, by = userTimeout, ByUserTimeout
	}
	rto := s.FirstSYNRTO
	at := moment{}.then(rto, s)
	for sent := 1; ; sent++ { // SYNs, and this many times the timer has gone off
		resent := sent - 1
		if resent >= s.SYNRetries+s.LinearSYNs {
			return s.byKernel(BySYNRetries, TimedOut, at)
		}
		if resent > 0 && at.onTime >= limit {
			return s.byKernel(by, TimedOut, at)
		}
		if sent > s.LinearSYNs { // tcp_syn_linear_timeouts
			rto = min(2*rto, s.RTOMax)
		}
		wait := rto
		if userTimeout > 0 { // tcp_clamp_rto_to_user_timeout()
			wait = min(wait, max(userTimeout-at.onTime, s.Tick))
		}
		at = at.then(wait, s)
	}
}
