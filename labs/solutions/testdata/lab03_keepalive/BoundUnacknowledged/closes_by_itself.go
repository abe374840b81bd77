// Mistake: the connection is closed after the limit, whatever was acknowledged.
// Says: the connection does not die of what is unacknowledged
package exercise

import (
	"net"
	"time"
)

func BoundUnacknowledged(conn *net.TCPConn, limit time.Duration) error {
	time.AfterFunc(limit, func() { conn.Close() })
	return nil
}
