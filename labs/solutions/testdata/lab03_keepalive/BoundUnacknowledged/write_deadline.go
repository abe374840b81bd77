// Mistake: a deadline for writes: they return as soon as the kernel has the data.
// Says: a deadline for writes is no bound for this
package exercise

import (
	"net"
	"time"
)

func BoundUnacknowledged(conn *net.TCPConn, limit time.Duration) error {
	return conn.SetWriteDeadline(time.Now().Add(limit))
}
