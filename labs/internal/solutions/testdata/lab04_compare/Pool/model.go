package exercise

import (
	"context"
	"net"
	"sync"
	"syscall"
	"time"
)

// Pool keeps its idle connections in the order in which they were put.
type Pool struct {
	Address string        // of the server
	MaxIdle time.Duration // that a connection may be idle for
	Keep    int           // idle connections at most

	mu       sync.Mutex
	idle     []*poolIdle
	isClosed bool
}

type poolIdle struct {
	conn  *net.TCPConn
	since time.Time
	timer *time.Timer
}

// Get gives a connection.
func (p *Pool) Get(ctx context.Context) (*net.TCPConn, error) {
	for {
		last, isClosed := p.takeLast()
		if isClosed {
			return nil, net.ErrClosed
		}
		if last == nil {
			break
		}
		if time.Since(last.since) < p.MaxIdle && poolIsQuiet(last.conn) {
			return last.conn, nil
		}
		last.conn.Close()
	}
	var dialer net.Dialer
	conn, err := dialer.DialContext(ctx, "tcp", p.Address)
	if err != nil {
		return nil, err
	}
	return conn.(*net.TCPConn), nil
}

func (p *Pool) takeLast() (last *poolIdle, isClosed bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if n := len(p.idle); n > 0 {
		last = p.idle[n-1]
		last.timer.Stop()
		p.idle = p.idle[:n-1]
	}
	return last, p.isClosed
}

// poolIsQuiet reports whether neither bytes nor an end have come. It doesn't wait.
func poolIsQuiet(conn *net.TCPConn) bool {
	raw, err := conn.SyscallConn()
	if err != nil {
		return false
	}
	isQuiet := false
	err = raw.Read(func(fd uintptr) bool {
		_, _, err := syscall.Recvfrom(int(fd), make([]byte, 1), syscall.MSG_PEEK|syscall.MSG_DONTWAIT)
		isQuiet = err == syscall.EAGAIN
		return true
	})
	return err == nil && isQuiet
}

// Put takes a connection back. Who doesn't want it any more closes it instead.
func (p *Pool) Put(conn *net.TCPConn) {
	if conn.SetDeadline(time.Time{}) != nil {
		return // it is closed
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.isClosed {
		conn.Close()
		return
	}
	p.remove(conn) // a caller may put it twice
	one := &poolIdle{conn: conn, since: time.Now()}
	one.timer = time.AfterFunc(p.MaxIdle, func() { p.drop(one) })
	p.idle = append(p.idle, one)
	if len(p.idle) > p.Keep {
		p.idle[0].timer.Stop()
		p.idle[0].conn.Close()
		p.idle = p.idle[1:]
	}
}

// remove takes a connection out of the list, if it is there.
func (p *Pool) remove(conn *net.TCPConn) {
	for i, one := range p.idle {
		if one.conn == conn {
			one.timer.Stop()
			p.idle = append(p.idle[:i:i], p.idle[i+1:]...)
			return
		}
	}
}

// drop closes a connection that is still idle.
func (p *Pool) drop(old *poolIdle) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for i, one := range p.idle {
		if one == old {
			p.idle = append(p.idle[:i:i], p.idle[i+1:]...)
			one.conn.Close()
			return
		}
	}
}

// Close ends the pool.
func (p *Pool) Close() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.isClosed = true
	for _, one := range p.idle {
		one.timer.Stop()
		one.conn.Close()
	}
	p.idle = nil
}
