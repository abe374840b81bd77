package exercise

import (
	"net"
	"sync"
	"time"
)

// PatientConn is a connection on which each read has a timeout of its own.
type PatientConn struct {
	net.Conn
	Timeout time.Duration

	mu       sync.Mutex
	deadline time.Time // the caller's
	timeout  time.Time // when the read that waits times out
}

// Read reads within the timeout, and not beyond the caller's deadline.
func (c *PatientConn) Read(buf []byte) (int, error) {
	if c.Timeout == 0 {
		return c.Conn.Read(buf)
	}
	if err := c.setTimeout(time.Now().Add(c.Timeout)); err != nil {
		return 0, err
	}
	defer c.setTimeout(time.Time{})
	return c.Conn.Read(buf)
}

func (c *PatientConn) setTimeout(timeout time.Time) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.timeout = timeout
	return c.tell()
}

// SetReadDeadline remembers the caller's deadline, and tells the Conn: a read may be waiting.
func (c *PatientConn) SetReadDeadline(deadline time.Time) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.deadline = deadline
	return c.tell()
}

// tell gives the Conn the earlier of the two moments.
func (c *PatientConn) tell() error {
	moment := c.deadline
	if moment.IsZero() || !c.timeout.IsZero() && c.timeout.Before(moment) {
		moment = c.timeout
	}
	return c.Conn.SetReadDeadline(moment)
}

// SetDeadline sets the caller's deadlines for reads and for writes.
func (c *PatientConn) SetDeadline(deadline time.Time) error {
	if err := c.SetReadDeadline(deadline); err != nil {
		return err
	}
	return c.SetWriteDeadline(deadline)
}
