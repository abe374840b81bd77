// Mistake: it returns at the first time-out, as if that were an error like any other.
// Says: it does not ask goOn after each time-out
package exercise

import (
	"net"
	"time"
)

func SendAll(conn net.Conn, data []byte, patience time.Duration, goOn func(sent int) bool) (sent int, err error) {
	defer conn.SetWriteDeadline(time.Time{})
	conn.SetWriteDeadline(time.Now().Add(patience))
	return conn.Write(data)
}
