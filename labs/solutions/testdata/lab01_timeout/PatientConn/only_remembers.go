// Mistake: SetReadDeadline remembers the deadline for the next read, and does not tell the Conn.
// Says: SetReadDeadline does not concern a read that waits already
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
	moment := c.deadline
	if timeout := time.Now().Add(c.Timeout); c.Timeout > 0 && (moment.IsZero() || timeout.Before(moment)) {
		moment = timeout
	}
	c.Conn.SetReadDeadline(moment)
	defer c.Conn.SetReadDeadline(time.Time{})
	return c.Conn.Read(buf)
}

func (c *PatientConn) SetReadDeadline(deadline time.Time) error {
	c.deadline = deadline
	return nil
}
