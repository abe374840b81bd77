// Mistake: it uses SetDeadline, which moves the read deadline, too.
// Says: it disturbs the caller's read deadline
package exercise

import (
	"errors"
	"net"
	"os"
	"time"
)

func SendAll(conn net.Conn, data []byte, patience time.Duration, goOn func(sent int) bool) (sent int, err error) {
	defer conn.SetDeadline(time.Time{})
	for {
		conn.SetDeadline(time.Now().Add(patience))
		n, err := conn.Write(data[sent:])
		sent += n
		if err == nil || !errors.Is(err, os.ErrDeadlineExceeded) || !goOn(sent) {
			return sent, err
		}
	}
}
