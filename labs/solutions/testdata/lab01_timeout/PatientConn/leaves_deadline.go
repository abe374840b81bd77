// Mistake: it sets a deadline before each read, and leaves it.
// Says: the time-out leaves a deadline behind
package exercise

import (
	"net"
	"time"
)

type PatientConn struct {
	net.Conn
	Timeout time.Duration
}

func (c *PatientConn) Read(buf []byte) (int, error) {
	if c.Timeout > 0 {
		c.Conn.SetReadDeadline(time.Now().Add(c.Timeout))
	}
	return c.Conn.Read(buf)
}

func (c *PatientConn) SetReadDeadline(deadline time.Time) error {
	return c.Conn.SetReadDeadline(deadline)
}
