// Mistake: the kernel's limits are forgotten.
// Says: the kernel refuses a setting
package exercise

import (
	"net"
	"time"
)

func FindVanished(conn *net.TCPConn, within time.Duration) error {
	interval := max(within/8, time.Second).Truncate(time.Second)
	return conn.SetKeepAliveConfig(net.KeepAliveConfig{Enable: true, Idle: within - 2*interval, Interval: interval, Count: 2})
}
