// Mistake: it reports a time-out by an error of its own.
// Says: a time-out is not reported as one
package exercise

import (
	"errors"
	"net"
	"time"
)

type PatientConn struct {
	net.Conn
	Timeout time.Duration
}

func (c *PatientConn) Read(buf []byte) (int, error) {
	c.Conn.SetReadDeadline(time.Now().Add(c.Timeout))
	defer c.Conn.SetReadDeadline(time.Time{})
	n, err := c.Conn.Read(buf)
	if netErr, ok := err.(net.Error); ok && netErr.Timeout() {
		return n, errors.New("timed out")
	}
	return n, err
}

func (c *PatientConn) SetReadDeadline(deadline time.Time) error {
	return c.Conn.SetReadDeadline(deadline)
}
