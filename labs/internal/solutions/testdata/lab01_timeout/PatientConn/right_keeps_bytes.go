package exercise

import (
	"errors"
	"net"
	"os"
	"sync"
	"time"
)

// PatientConn is a connection on which each read has a timeout of its own. Bytes that come together with a timeout are for the next read.
type PatientConn struct {
	net.Conn
	Timeout time.Duration

	mu     sync.Mutex
	caller time.Time
	own    time.Time // when the read that waits times out
	kept   []byte
}

// earlier is the earlier of the two moments. The zero time is never.
func (c *PatientConn) earlier() time.Time {
	if c.caller.IsZero() || !c.own.IsZero() && c.own.Before(c.caller) {
		return c.own
	}
	return c.caller
}

// Read returns what it has kept, or else reads the Conn.
func (c *PatientConn) Read(buf []byte) (int, error) {
	n, done, err := c.begin(buf)
	if done {
		return n, err
	}
	n, err = c.Conn.Read(buf)
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.own.IsZero() {
		c.own = time.Time{}
		c.Conn.SetReadDeadline(c.caller)
	}
	if errors.Is(err, os.ErrDeadlineExceeded) {
		c.kept = append(c.kept, buf[:n]...)
		n = 0
	}
	return n, err
}

func (c *PatientConn) begin(buf []byte) (n int, done bool, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.caller.IsZero() && !time.Now().Before(c.caller) {
		return 0, true, os.ErrDeadlineExceeded
	}
	if n := copy(buf, c.kept); n > 0 {
		c.kept = c.kept[n:]
		return n, true, nil
	}
	if c.Timeout == 0 {
		return 0, false, nil
	}
	c.own = time.Now().Add(c.Timeout)
	if err := c.Conn.SetReadDeadline(c.earlier()); err != nil {
		c.own = time.Time{}
		return 0, true, err
	}
	return 0, false, nil
}

// SetReadDeadline sets the caller's deadline for reads.
func (c *PatientConn) SetReadDeadline(deadline time.Time) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.caller = deadline
	return c.Conn.SetReadDeadline(c.earlier())
}

// SetDeadline sets the caller's deadlines for reads and for writes.
func (c *PatientConn) SetDeadline(deadline time.Time) error {
	return errors.Join(c.SetReadDeadline(deadline), c.Conn.SetWriteDeadline(deadline))
}
