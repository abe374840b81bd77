// Mistake: the error is lost.
// Says: an error is lost
package exercise

import (
	"net"
	"time"
)

func FindVanished(conn *net.TCPConn, within time.Duration) error {
	interval := max(within/4, time.Second).Truncate(time.Second)
	conn.SetKeepAliveConfig(net.KeepAliveConfig{Enable: true, Idle: min(within-2*interval, 32767*time.Second), Interval: interval, Count: 2})
	return nil
}
