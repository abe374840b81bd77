// Mistake: a deadline takes the place of keepalive.
// Says: keepalive is off
package exercise

import (
	"net"
	"time"
)

func FindVanished(conn *net.TCPConn, within time.Duration) error {
	return conn.SetReadDeadline(time.Now().Add(within))
}
