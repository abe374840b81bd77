// Mistake: the idle time is as long as all may take, and the probes come on top.
// Says: the peer is found too late
package exercise

import (
	"net"
	"time"
)

func FindVanished(conn *net.TCPConn, within time.Duration) error {
	return conn.SetKeepAliveConfig(net.KeepAliveConfig{Enable: true, Idle: min(within, 32767*time.Second), Interval: time.Second, Count: 3})
}
