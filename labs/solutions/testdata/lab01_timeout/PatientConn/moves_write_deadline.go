// Mistake: it uses SetDeadline, which moves the write deadline, too.
// Says: a read moves the caller's write deadline
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
		moment := time.Now().Add(c.Timeout)
		if !c.deadline.IsZero() && c.deadline.Before(moment) {
			moment = c.deadline
		}
		c.Conn.SetDeadline(moment)
		defer func() { c.Conn.SetDeadline(c.deadline) }()
	}
	return c.Conn.Read(buf)
}

func (c *PatientConn) SetReadDeadline(deadline time.Time) error {
	c.deadline = deadline
	return c.Conn.SetReadDeadline(deadline)
}
