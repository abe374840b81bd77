// Mistake: it puts the caller's deadline back after the read, and waits beyond it meanwhile.
// Says: a read erases the caller's deadline
package exercise

import (
	"net"
	"time"
)

type PatientConn struct {
	net.Conn
	Timeout  time.Duration
	deadline time.Time
}

func (c *PatientConn) Read(buf []byte) (int, error) {
	if c.Timeout > 0 {
		c.Conn.SetReadDeadline(time.Now().Add(c.Timeout))
		defer func() { c.Conn.SetReadDeadline(c.deadline) }()
	}
	return c.Conn.Read(buf)
}

func (c *PatientConn) SetReadDeadline(deadline time.Time) error {
	c.deadline = deadline
	return c.Conn.SetReadDeadline(deadline)
}
