package exercise_test

import (
	"fmt"
	"time"
)

// settings are a connection's, as the kernel has them.
type settings struct {
	Probes                bool
	Idle, Interval, Count int // seconds, and probes
	UserTimeout           time.Duration
}

func (c *conn) settings() settings {
	c.g.T().Helper()
	is := c.keepalive()
	return settings{is[0] != 0, is[1], is[2], is[3], c.userTimeout()}
}

// unanswered is how many probes go unanswered before the connection is dead, and when it is dead, after the peer was last
// heard. With TCP_USER_TIMEOUT the count does not count: TestUserTimeoutOverridesProbeCount.
func (s settings) unanswered() (probes int, dead time.Duration) {
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

// try is the command that measures what the settings do: by lab04_compare's TestYourSettings.
func (s settings) try(memory time.Duration, failure string) string {
	keepalive, userTimeout := "off", "off"
	if s.Probes {
		keepalive = fmt.Sprintf("%d,%d,%d", s.Idle, s.Interval, s.Count)
	}
	if s.UserTimeout > 0 {
		userTimeout = s.UserTimeout.String()
	}
	return fmt.Sprintf("go run ./labs try --keepalive %s --user-timeout %s --box %v --failure '%s'", keepalive, userTimeout, memory, failure)
}
