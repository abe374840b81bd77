// Mistake: keepalive, which is silent while data is under way.
// Says: keepalive is no bound for this
package exercise

import (
	"net"
	"time"
)

func BoundUnacknowledged(conn *net.TCPConn, limit time.Duration) error {
	return conn.SetKeepAliveConfig(net.KeepAliveConfig{Enable: true, Idle: limit, Interval: time.Second, Count: 1})
}
