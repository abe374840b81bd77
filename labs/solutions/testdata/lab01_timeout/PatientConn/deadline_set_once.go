// Mistake: it sets the deadline at the first read, for all that follow.
// Says: the next read does not have the whole time-out
package exercise

import (
	"net"
	"time"
)

type PatientConn struct {
	net.Conn
	Timeout time.Duration
	armed   bool
}

func (c *PatientConn) Read(buf []byte) (int, error) {
	if !c.armed {
		c.armed = true
		c.Conn.SetReadDeadline(time.Now().Add(c.Timeout))
	}
	return c.Conn.Read(buf)
}

func (c *PatientConn) SetReadDeadline(deadline time.Time) error {
	return c.Conn.SetReadDeadline(deadline)
}
