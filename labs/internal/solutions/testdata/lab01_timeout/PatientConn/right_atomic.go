package exercise

import (
	"net"
	"sync/atomic"
	"time"
)

// PatientConn has no mutex: whoever changes what the deadline should be tells the Conn, until nobody has changed it meanwhile.
type PatientConn struct {
	net.Conn
	Timeout time.Duration
	should  atomic.Pointer[patientConnDeadlines]
}

type patientConnDeadlines struct{ callers, timeout time.Time }

func (c *PatientConn) Read(buf []byte) (n int, err error) {
	if c.Timeout != 0 {
		until := time.Now().Add(c.Timeout)
		if err := c.change(func(d *patientConnDeadlines) { d.timeout = until }); err != nil {
			return 0, err
		}
		defer c.change(func(d *patientConnDeadlines) { d.timeout = time.Time{} })
	}
	return c.Conn.Read(buf)
}

func (c *PatientConn) change(change func(*patientConnDeadlines)) error {
	for {
		before := c.should.Load()
		var now patientConnDeadlines
		if before != nil {
			now = *before
		}
		change(&now)
		if !c.should.CompareAndSwap(before, &now) {
			continue
		}
		for {
			last := c.should.Load()
			if err := c.Conn.SetReadDeadline(last.first()); err != nil {
				return err
			}
			if c.should.Load() == last {
				return nil
			}
		}
	}
}

func (d *patientConnDeadlines) first() time.Time {
	if d.timeout.IsZero() || !d.callers.IsZero() && d.callers.Before(d.timeout) {
		return d.callers
	}
	return d.timeout
}

func (c *PatientConn) SetReadDeadline(deadline time.Time) error {
	return c.change(func(d *patientConnDeadlines) { d.callers = deadline })
}

func (c *PatientConn) SetDeadline(deadline time.Time) error {
	if err := c.SetReadDeadline(deadline); err != nil {
		return err
	}
	return c.SetWriteDeadline(deadline)
}
