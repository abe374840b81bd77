// Mistake: the settings are right, and Enable is forgotten.
// Says: keepalive is off
package exercise

import (
	"net"
	"time"
)

func FindVanished(conn *net.TCPConn, within time.Duration) error {
	interval := max(within/4, time.Second).Truncate(time.Second)
	return conn.SetKeepAliveConfig(net.KeepAliveConfig{Idle: min(within-2*interval, 32767*time.Second), Interval: interval, Count: 2})
}
