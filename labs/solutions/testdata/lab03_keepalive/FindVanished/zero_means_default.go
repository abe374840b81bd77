// Mistake: what is left zero is Go's default, and not nothing.
// Says: the peer is found too late
package exercise

import (
	"net"
	"time"
)

func FindVanished(conn *net.TCPConn, within time.Duration) error {
	return conn.SetKeepAliveConfig(net.KeepAliveConfig{Enable: true, Idle: (within / 2).Truncate(time.Second)})
}
