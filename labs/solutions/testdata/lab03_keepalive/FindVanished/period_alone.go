// Mistake: the period is taken for the whole; it is the idle time alone.
// Says: the peer is found too late
package exercise

import (
	"net"
	"time"
)

func FindVanished(conn *net.TCPConn, within time.Duration) error {
	if err := conn.SetKeepAlive(true); err != nil {
		return err
	}
	return conn.SetKeepAlivePeriod(within)
}
