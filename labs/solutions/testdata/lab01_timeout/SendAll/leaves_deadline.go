// Mistake: it returns with its deadline still set.
// Says: it leaves its deadline behind
package exercise

import (
	"errors"
	"net"
	"os"
	"time"
)

func SendAll(conn net.Conn, data []byte, patience time.Duration, goOn func(sent int) bool) (sent int, err error) {
	for {
		conn.SetWriteDeadline(time.Now().Add(patience))
		n, err := conn.Write(data[sent:])
		sent += n
		if err == nil || !errors.Is(err, os.ErrDeadlineExceeded) || !goOn(sent) {
			return sent, err
		}
	}
}
