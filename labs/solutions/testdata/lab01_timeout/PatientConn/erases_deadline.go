// Mistake: it takes its deadline away after the read, and with it the caller's.
// Says: a read erases the caller's deadline
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
		defer c.Conn.SetReadDeadline(time.Time{})
	}
	return c.Conn.Read(buf)
}

func (c *PatientConn) SetReadDeadline(deadline time.Time) error {
	return c.Conn.SetReadDeadline(deadline)
}
