package exercise

import (
	"net"
	"time"
)

// FindVanished divides the time: about half of it idle, the rest for two probes. That is
// idle + 2 × interval, in whole seconds, and nothing is rounded up.
func FindVanished(conn *net.TCPConn, within time.Duration) error {
	const (
		probes = 2
		most   = 32767 * time.Second // MAX_TCP_KEEPIDLE in the kernel
	)
	interval := max(within/4, time.Second).Truncate(time.Second)
	return conn.SetKeepAliveConfig(net.KeepAliveConfig{
		Enable:   true,
		Idle:     min(within-probes*interval, most),
		Interval: interval,
		Count:    probes,
	})
}
