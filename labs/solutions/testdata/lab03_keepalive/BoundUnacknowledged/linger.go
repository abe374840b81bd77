// Mistake: SO_LINGER, which bounds the close.
// Says: nothing bounds the time that data may stay unacknowledged
package exercise

import (
	"net"
	"time"
)

func BoundUnacknowledged(conn *net.TCPConn, limit time.Duration) error {
	return conn.SetLinger(max(int(limit.Seconds()), 1))
}
