package exercise

import (
	"errors"
	"fmt"
	"net"
	"os"
	"time"
)

// SendAll ends a write that has waited for too long by a timer, and calls itself for the rest.
func SendAll(conn net.Conn, data []byte, patience time.Duration, goOn func(sent int) bool) (int, error) {
	if err := conn.SetWriteDeadline(time.Time{}); err != nil {
		return 0, err
	}
	fired := make(chan struct{})
	timer := time.AfterFunc(patience, func() {
		conn.SetWriteDeadline(time.Unix(1, 0))
		close(fired)
	})
	n, err := conn.Write(data)
	if !timer.Stop() {
		<-fired
		conn.SetWriteDeadline(time.Time{})
	}
	if !errors.Is(err, os.ErrDeadlineExceeded) {
		return n, err
	}
	if !goOn(n) {
		return n, fmt.Errorf("the peer takes no more than %d bytes: %w", n, err)
	}
	more, err := SendAll(conn, data[n:], patience, func(sent int) bool { return goOn(n + sent) })
	return n + more, err
}
