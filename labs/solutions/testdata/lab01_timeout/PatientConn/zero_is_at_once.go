// Mistake: it takes a Timeout of 0 for one that is over at once.
// Says: a Timeout of 0 is taken for one that is over at once
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
	moment := time.Now().Add(c.Timeout)
	if !c.deadline.IsZero() && c.deadline.Before(moment) {
		moment = c.deadline
	}
	c.Conn.SetReadDeadline(moment)
	defer func() { c.Conn.SetReadDeadline(c.deadline) }()
	return c.Conn.Read(buf)
}

func (c *PatientConn) SetReadDeadline(deadline time.Time) error {
	c.deadline = deadline
	return c.Conn.SetReadDeadline(deadline)
}
