// Mistake: a deadline for all calls.
// Says: a call times out, and the connection lives on
package exercise

import (
	"net"
	"time"
)

func BoundUnacknowledged(conn *net.TCPConn, limit time.Duration) error {
	return conn.SetDeadline(time.Now().Add(limit))
}
