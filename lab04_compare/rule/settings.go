package rule

import "time"

// Settings are what our side has set in order not to wait forever. A setting that is zero is not set.
type Settings struct {
	Keepalive   Keepalive
	UserTimeout time.Duration // TCP_USER_TIMEOUT

	DialTimeout   time.Duration // of a connect
	WriteTimeout  time.Duration // of a write
	ReadTimeout   time.Duration // of every read, also one that waits for whatever may come
	AnswerTimeout time.Duration // from a request to the end of its answer

	Heartbeat Heartbeat
}

// Keepalive is SO_KEEPALIVE with TCP_KEEPIDLE, TCP_KEEPINTVL and TCP_KEEPCNT.
type Keepalive struct {
	Idle, Interval time.Duration
	Count          int
}

// On reports whether keepalive is on.
func (k Keepalive) On() bool { return k != Keepalive{} }

// Death returns how long after the last segment received keepalive times out, if TCP_USER_TIMEOUT is not set.
func (k Keepalive) Death() time.Duration { return k.Idle + time.Duration(k.Count)*k.Interval }

// Heartbeat is a ping that the peer's application has to answer.
type Heartbeat struct {
	Every   time.Duration // between pings
	Silence time.Duration // after which a peer that has sent nothing counts as dead
}

// On reports whether there is a heartbeat.
func (h Heartbeat) On() bool { return h.Every > 0 }

// System has the kernel's settings for all connections.
type System struct {
	Tick time.Duration // between two ticks of the kernel's clock: CONFIG_HZ

	Retries2    int // tcp_retries2
	SYNRetries  int // tcp_syn_retries, or TCP_SYNCNT
	LinearSYNs  int // tcp_syn_linear_timeouts; before Linux 6.5 there were none
	RTOMin      time.Duration
	RTOMax      time.Duration
	FirstSYNRTO time.Duration
}

// Default returns a system where nobody has changed any setting.
func Default() System {
	return System{
		Tick:        4 * time.Millisecond, // CONFIG_HZ=250, as Debian, Ubuntu and Fedora's cloud kernels have it
		Retries2:    15,                   // TCP_RETR2
		SYNRetries:  6,                    // TCP_SYN_RETRIES
		LinearSYNs:  4,
		RTOMin:      200 * time.Millisecond, // TCP_RTO_MIN
		RTOMax:      120 * time.Second,      // TCP_RTO_MAX
		FirstSYNRTO: 1 * time.Second,        // TCP_TIMEOUT_INIT, RFC 6298 section 2.1
	}
}

// Longest returns the longest time that any of our own settings, alone, takes to act.
func (s Settings) Longest() time.Duration {
	return max(s.Keepalive.Death(), s.UserTimeout, s.DialTimeout, s.WriteTimeout, s.ReadTimeout, s.AnswerTimeout,
		s.Heartbeat.Every, s.Heartbeat.Silence)
}
