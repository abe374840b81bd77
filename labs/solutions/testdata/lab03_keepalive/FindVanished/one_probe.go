// Mistake: a single probe decides.
// Says: one lost segment kills a connection
package exercise

import (
	"net"
	"time"
)

func FindVanished(conn *net.TCPConn, within time.Duration) error {
	interval := (within / 2).Truncate(time.Second)
	return conn.SetKeepAliveConfig(net.KeepAliveConfig{Enable: true, Idle: min(within-interval, 32767*time.Second), Interval: min(interval, 32767*time.Second), Count: 1})
}
