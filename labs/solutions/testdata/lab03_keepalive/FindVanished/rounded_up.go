// Mistake: the time is divided by three, and Go rounds each part up to a second.
// Says: the peer is found too late
package exercise

import (
	"net"
	"time"
)

func FindVanished(conn *net.TCPConn, within time.Duration) error {
	part := within / 3
	return conn.SetKeepAliveConfig(net.KeepAliveConfig{Enable: true, Idle: part + time.Millisecond, Interval: part, Count: 2})
}
