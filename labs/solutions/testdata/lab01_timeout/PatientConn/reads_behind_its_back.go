// Mistake: it leaves a goroutine reading after the time-out, which takes what comes late.
// Says: what comes after a time-out is lost
package exercise

import (
	"net"
	"os"
	"time"
)

type PatientConn struct {
	net.Conn
	Timeout time.Duration
}

func (c *PatientConn) Read(buf []byte) (int, error) {
	type result struct {
		n   int
		err error
	}
	done := make(chan result, 1)
	own := make([]byte, len(buf))
	go func() {
		n, err := c.Conn.Read(own)
		done <- result{n, err}
	}()
	select {
	case r := <-done:
		copy(buf, own[:r.n])
		return r.n, r.err
	case <-time.After(c.Timeout):
		return 0, os.ErrDeadlineExceeded
	}
}

func (c *PatientConn) SetReadDeadline(deadline time.Time) error {
	return c.Conn.SetReadDeadline(deadline)
}
