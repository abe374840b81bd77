// Mistake: keepalive is on, with the system's settings.
// Says: the peer is found too late
package exercise

import (
	"net"
	"time"
)

func FindVanished(conn *net.TCPConn, within time.Duration) error {
	return conn.SetKeepAlive(true)
}
