// Mistake: it sets the deadline once, and after the first time-out every write fails at once.
// Says: the deadline of an earlier one has already passed
package exercise

import (
	"errors"
	"net"
	"os"
	"time"
)

func SendAll(conn net.Conn, data []byte, patience time.Duration, goOn func(sent int) bool) (sent int, err error) {
	defer conn.SetWriteDeadline(time.Time{})
	conn.SetWriteDeadline(time.Now().Add(patience))
	for {
		n, err := conn.Write(data[sent:])
		sent += n
		if err == nil || !errors.Is(err, os.ErrDeadlineExceeded) || !goOn(sent) {
			return sent, err
		}
	}
}
