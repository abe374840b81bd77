package exercise

import (
	"context"
	"net"
	"slices"
	"sync"
	"syscall"
	"time"
)

// Pool has one goroutine that alone knows the idle connections. It runs from the first call to Close.
type Pool struct {
	Address string        // of the server
	MaxIdle time.Duration // that a connection may be idle for
	Keep    int           // idle connections at most

	begin sync.Once
	calls chan func(*poolState)
	over  chan struct{}
	end   sync.Once
}

type poolState struct {
	conns []*net.TCPConn
	since []time.Time
}

func (p *Pool) start() {
	p.begin.Do(func() {
		p.calls, p.over = make(chan func(*poolState)), make(chan struct{})
		go p.run()
	})
}

func (p *Pool) run() {
	var s poolState
	for {
		var old <-chan time.Time
		if len(s.conns) > 0 {
			old = time.After(time.Until(s.since[0].Add(p.MaxIdle)))
		}
		select {
		case call := <-p.calls:
			call(&s)
		case <-old:
			s.dropFirst()
		case <-p.over:
			for len(s.conns) > 0 {
				s.dropFirst()
			}
			return
		}
	}
}

func (s *poolState) dropFirst() {
	s.conns[0].Close()
	s.conns, s.since = s.conns[1:], s.since[1:]
}

// do reports whether the pool is open, and has done it.
func (p *Pool) do(call func(*poolState)) bool {
	p.start()
	done := make(chan struct{})
	select {
	case p.calls <- func(s *poolState) { call(s); close(done) }:
		<-done
		return true
	case <-p.over:
		return false
	}
}

// Get gives a connection.
func (p *Pool) Get(ctx context.Context) (*net.TCPConn, error) {
	for {
		var conn *net.TCPConn
		var since time.Time
		isOpen := p.do(func(s *poolState) {
			if last := len(s.conns) - 1; last >= 0 {
				conn, since = s.conns[last], s.since[last]
				s.conns, s.since = s.conns[:last], s.since[:last]
			}
		})
		switch {
		case !isOpen:
			return nil, net.ErrClosed
		case conn == nil:
			dialer := net.Dialer{}
			new, err := dialer.DialContext(ctx, "tcp", p.Address)
			if err != nil {
				return nil, err
			}
			return new.(*net.TCPConn), nil
		case time.Since(since) < p.MaxIdle && poolSilent(conn):
			return conn, nil
		}
		conn.Close()
	}
}

func poolSilent(conn *net.TCPConn) (silent bool) {
	raw, err := conn.SyscallConn()
	if err != nil {
		return false
	}
	raw.Control(func(fd uintptr) {
		_, _, err := syscall.Recvfrom(int(fd), make([]byte, 1), syscall.MSG_PEEK|syscall.MSG_DONTWAIT)
		silent = err == syscall.EAGAIN
	})
	return silent
}

// Put takes a connection back. Who doesn't want it any more closes it instead.
func (p *Pool) Put(conn *net.TCPConn) {
	conn.SetDeadline(time.Time{})
	isOpen := p.do(func(s *poolState) {
		if i := slices.Index(s.conns, conn); i >= 0 { // it is put twice
			s.conns, s.since = slices.Delete(s.conns, i, i+1), slices.Delete(s.since, i, i+1)
		}
		s.conns, s.since = append(s.conns, conn), append(s.since, time.Now())
		if len(s.conns) > p.Keep {
			s.dropFirst()
		}
	})
	if !isOpen {
		conn.Close()
	}
}

// Close ends the pool.
func (p *Pool) Close() {
	p.start()
	p.end.Do(func() { close(p.over) })
}
