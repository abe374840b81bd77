package exercise

import (
	"errors"
	"net"
	"os"
	"time"
)

// SendAll sends all of data to a peer that may take its time.
func SendAll(conn net.Conn, data []byte, patience time.Duration, goOn func(sent int) bool) (sent int, err error) {
	defer conn.SetWriteDeadline(time.Time{})
	for {
		if err := conn.SetWriteDeadline(time.Now().Add(patience)); err != nil {
			return sent, err
		}
		n, err := conn.Write(data[sent:])
		sent += n // also of a write that timed out: the kernel has taken so much of it
		if err == nil {
			return sent, nil
		}
		if !errors.Is(err, os.ErrDeadlineExceeded) || !goOn(sent) {
			return sent, err
		}
	}
}
