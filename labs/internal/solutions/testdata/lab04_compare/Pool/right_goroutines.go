package exercise

import (
	"container/list"
	"context"
	"errors"
	"net"
	"sync"
	"syscall"
	"time"
)

// Pool gives each idle connection a goroutine that waits for its end.
type Pool struct {
	Address string        // of the server
	MaxIdle time.Duration // that a connection may be idle for
	Keep    int           // idle connections at most

	lock sync.Mutex
	idle list.List // of *poolGuest, the oldest in front
	over bool
}

type poolGuest struct {
	conn  *net.TCPConn
	put   time.Time
	leave chan struct{} // closed when it is taken out
}

// Get gives a connection.
func (p *Pool) Get(ctx context.Context) (*net.TCPConn, error) {
	p.lock.Lock()
	if p.over {
		p.lock.Unlock()
		return nil, net.ErrClosed
	}
	for p.idle.Len() > 0 {
		guest := p.takeOut(p.idle.Back())
		if time.Since(guest.put) < p.MaxIdle && guest.hasNothing() {
			p.lock.Unlock()
			return guest.conn, nil
		}
		guest.conn.Close()
	}
	p.lock.Unlock()
	conn, err := new(net.Dialer).DialContext(ctx, "tcp", p.Address)
	tcp, _ := conn.(*net.TCPConn)
	return tcp, err
}

func (p *Pool) takeOut(at *list.Element) *poolGuest {
	guest := p.idle.Remove(at).(*poolGuest)
	close(guest.leave)
	return guest
}

// hasNothing reads what has come, if anything has: then nobody uses the connection any more.
func (guest *poolGuest) hasNothing() bool {
	raw, err := guest.conn.SyscallConn()
	if err != nil {
		return false
	}
	var got error
	raw.Read(func(fd uintptr) bool {
		_, got = syscall.Read(int(fd), make([]byte, 1))
		return true
	})
	return errors.Is(got, syscall.EAGAIN)
}

// Put takes a connection back. Who doesn't want it any more closes it instead.
func (p *Pool) Put(conn *net.TCPConn) {
	err := conn.SetDeadline(time.Time{})
	p.lock.Lock()
	defer p.lock.Unlock()
	if p.over || err != nil {
		conn.Close()
		return
	}
	for at := p.idle.Front(); at != nil; at = at.Next() {
		if at.Value.(*poolGuest).conn == conn { // it is put twice
			p.takeOut(at)
			break
		}
	}
	guest := &poolGuest{conn: conn, put: time.Now(), leave: make(chan struct{})}
	at := p.idle.PushBack(guest)
	go func() {
		select {
		case <-guest.leave:
		case <-time.After(p.MaxIdle):
			p.lock.Lock()
			defer p.lock.Unlock()
			select {
			case <-guest.leave:
			default:
				p.takeOut(at).conn.Close()
			}
		}
	}()
	for p.idle.Len() > p.Keep {
		p.takeOut(p.idle.Front()).conn.Close()
	}
}

// Close ends the pool.
func (p *Pool) Close() {
	p.lock.Lock()
	defer p.lock.Unlock()
	p.over = true
	for p.idle.Len() > 0 {
		p.takeOut(p.idle.Front()).conn.Close()
	}
}
