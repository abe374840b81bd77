package exercise_test

import (
	"fmt"
	"time"
)

// settings are the keepalive settings and the TCP_USER_TIMEOUT of a connection, read from the kernel.
type settings struct {
	Probes                bool // keepalive is on
	Idle, Interval, Count int  // the times in seconds, and the probe count
	UserTimeout           time.Duration
}

func (c *conn) settings() settings {
	c.g.T().Helper()
	is := c.keepalive()
	return settings{is[0] != 0, is[1], is[2], is[3], c.userTimeout()}
}

// unanswered is about an idle connection whose peer has vanished. It returns how many probes go unanswered before the
// connection times out, and how long that is after the last segment from the peer. TCP_USER_TIMEOUT overrides the probe
// count: TestUserTimeoutOverridesProbeCount.
func (s settings) unanswered() (probes int, after time.Duration) {
	idle, interval := time.Duration(s.Idle)*time.Second, time.Duration(s.Interval)*time.Second
	probes = s.Count
	if s.UserTimeout > 0 {
		for probes = 1; idle+time.Duration(probes)*interval < s.UserTimeout; probes++ {
		}
	}
	return probes, idle + time.Duration(probes)*interval
}

func (s settings) String() string {
	if !s.Probes {
		return fmt.Sprintf("keepalive off, TCP_USER_TIMEOUT %v", s.UserTimeout)
	}
	return fmt.Sprintf("idle %d s, interval %d s, count %d, TCP_USER_TIMEOUT %v", s.Idle, s.Interval, s.Count, s.UserTimeout)
}

// try returns the command that measures, with lab04_compare's TestYourSettings, what the settings do in one
// kind of failure.
func (s settings) try(idleTimeout time.Duration, failure string) string {
	keepalive, userTimeout := "off", "off"
	if s.Probes {
		keepalive = fmt.Sprintf("%d,%d,%d", s.Idle, s.Interval, s.Count)
	}
	if s.UserTimeout > 0 {
		userTimeout = s.UserTimeout.String()
	}
	return fmt.Sprintf("go run ./labs try --keepalive %s --user-timeout %s --box %v --failure '%s'",
		keepalive, userTimeout, idleTimeout, failure)
}
