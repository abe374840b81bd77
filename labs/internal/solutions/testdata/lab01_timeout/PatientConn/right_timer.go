package exercise

import (
	"net"
	"sync"
	"time"
)

// PatientConn ends a read that has waited for too long by a timer: it moves the deadline into the past.
type PatientConn struct {
	net.Conn
	Timeout time.Duration

	mu       sync.Mutex
	deadline time.Time // the caller's
	isOver   bool      // the read that waits has run out of time
}

func (c *PatientConn) Read(buf []byte) (int, error) {
	if c.Timeout == 0 {
		return c.Conn.Read(buf)
	}
	if err := c.set(false); err != nil { // as it is, unless the Conn has no deadlines
		return 0, err
	}
	fired := make(chan struct{})
	timer := time.AfterFunc(c.Timeout, func() {
		defer close(fired)
		c.set(true)
	})
	n, err := c.Conn.Read(buf)
	if !timer.Stop() {
		<-fired
		c.set(false)
	}
	return n, err
}

func (c *PatientConn) set(isOver bool) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.isOver = isOver
	return c.tell()
}

func (c *PatientConn) SetReadDeadline(deadline time.Time) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.deadline = deadline
	return c.tell()
}

func (c *PatientConn) tell() error {
	if c.isOver {
		return c.Conn.SetReadDeadline(time.Unix(1, 0))
	}
	return c.Conn.SetReadDeadline(c.deadline)
}

func (c *PatientConn) SetDeadline(deadline time.Time) error {
	if err := c.SetReadDeadline(deadline); err != nil {
		return err
	}
	return c.SetWriteDeadline(deadline)
}
