// Mistake: after a time-out it sends everything again, from the beginning.
// Says: the server has some of it twice
package exercise

import (
	"errors"
	"net"
	"os"
	"time"
)

func SendAll(conn net.Conn, data []byte, patience time.Duration, goOn func(sent int) bool) (sent int, err error) {
	defer conn.SetWriteDeadline(time.Time{})
	for {
		conn.SetWriteDeadline(time.Now().Add(patience))
		n, err := conn.Write(data)
		sent += n
		if err == nil || !errors.Is(err, os.ErrDeadlineExceeded) || !goOn(sent) {
			return sent, err
		}
	}
}
