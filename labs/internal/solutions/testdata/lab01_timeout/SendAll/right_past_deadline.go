package exercise

import (
	"errors"
	"net"
	"os"
	"time"
)

// SendAll sends all of data. A timer ends each write, by a deadline that is long over.
func SendAll(conn net.Conn, data []byte, patience time.Duration, goOn func(sent int) bool) (sent int, err error) {
	defer conn.SetWriteDeadline(time.Time{})
	for sent < len(data) {
		if err := conn.SetWriteDeadline(time.Time{}); err != nil {
			return sent, err
		}
		over := make(chan error, 1)
		timer := time.AfterFunc(patience, func() { over <- conn.SetWriteDeadline(time.Unix(1, 0)) })
		n, err := conn.Write(data[sent:])
		sent += n
		if !timer.Stop() {
			if err := <-over; err != nil {
				return sent, err
			}
		}
		if err != nil && (!errors.Is(err, os.ErrDeadlineExceeded) || !goOn(sent)) {
			return sent, err
		}
	}
	return sent, nil
}
