// Mistake: it takes every error for a time-out.
// Says: it takes a broken connection for a time-out
package exercise

import (
	"net"
	"time"
)

func SendAll(conn net.Conn, data []byte, patience time.Duration, goOn func(sent int) bool) (sent int, err error) {
	defer conn.SetWriteDeadline(time.Time{})
	for {
		conn.SetWriteDeadline(time.Now().Add(patience))
		n, err := conn.Write(data[sent:])
		sent += n
		if err == nil || !goOn(sent) {
			return sent, err
		}
	}
}
