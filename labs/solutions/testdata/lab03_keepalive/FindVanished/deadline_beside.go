// Mistake: a deadline is set beside keepalive, to be on the safe side.
// Says: a time-out ends the read
package exercise

import (
	"net"
	"time"
)

func FindVanished(conn *net.TCPConn, within time.Duration) error {
	conn.SetReadDeadline(time.Now().Add(within))
	interval := max(within/4, time.Second).Truncate(time.Second)
	return conn.SetKeepAliveConfig(net.KeepAliveConfig{Enable: true, Idle: min(within-2*interval, 32767*time.Second), Interval: interval, Count: 2})
}
