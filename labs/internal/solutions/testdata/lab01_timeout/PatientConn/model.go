package exercise

import (
	"net"
	"sync"
	"time"
)

// PatientConn is a connection whose reads have a timeout each.
type PatientConn struct {
	net.Conn
	Timeout time.Duration

	mu       sync.Mutex
	deadline time.Time // the caller's
}

// Read reads within the timeout, and not beyond the caller's deadline.
func (c *PatientConn) Read(buf []byte) (int, error) {
	if err := c.startTimeout(); err != nil {
		return 0, err
	}
	n, err := c.Conn.Read(buf)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.Conn.SetReadDeadline(c.deadline)
	return n, err
}

func (c *PatientConn) startTimeout() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.Timeout == 0 {
		return nil
	}
	moment := time.Now().Add(c.Timeout)
	if !c.deadline.IsZero() && c.deadline.Before(moment) {
		return nil // the caller's deadline is in force already
	}
	return c.Conn.SetReadDeadline(moment)
}

// SetReadDeadline remembers the caller's deadline, and tells the Conn: a read may be waiting.
func (c *PatientConn) SetReadDeadline(deadline time.Time) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.deadline = deadline
	return c.Conn.SetReadDeadline(deadline)
}

// SetDeadline sets the caller's deadlines for reads and for writes.
func (c *PatientConn) SetDeadline(deadline time.Time) error {
	if err := c.SetReadDeadline(deadline); err != nil {
		return err
	}
	return c.SetWriteDeadline(deadline)
}
