package exercise

import (
	"errors"
	"net"
	"os"
	"time"
)

// SendAll sends in small pieces, each of which has its time.
func SendAll(conn net.Conn, data []byte, patience time.Duration, goOn func(sent int) bool) (sent int, err error) {
	const piece = 3000
	for sent < len(data) {
		if err := conn.SetWriteDeadline(time.Now().Add(patience)); err != nil {
			return sent, err
		}
		n, err := conn.Write(data[sent:min(len(data), sent+piece)])
		sent += n
		if errors.Is(err, os.ErrDeadlineExceeded) && goOn(sent) {
			continue
		}
		if err != nil {
			return sent, errors.Join(err, conn.SetWriteDeadline(time.Time{}))
		}
	}
	return sent, conn.SetWriteDeadline(time.Time{})
}
