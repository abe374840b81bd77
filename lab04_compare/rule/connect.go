package rule

import "time"

// connectGivesUp returns when the kernel gives up on a connect that nobody answers: tcp_write_timeout(), for SYN_SENT. The
// kernel checks its limits each time that it would retransmit the SYN, but it always retransmits once. So a TCP_USER_TIMEOUT
// that is shorter than the first RTO does not act before that retransmission. The limit on the number of SYNs applies both as
// a number and, by tcp_model_timeout(), as a time.
func connectGivesUp(userTimeout time.Duration, s System) Event {
	limit, by := modelTimeout(s.SYNRetries, s.FirstSYNRTO, s.RTOMax), BySYNRetries
	if userTimeout > 0 {
		limit, by = userTimeout, ByUserTimeout
	}
	rto := s.FirstSYNRTO
	at := moment{}.then(rto, s)
	for sent := 1; ; sent++ { // the number of SYNs; the timer has expired as often
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
