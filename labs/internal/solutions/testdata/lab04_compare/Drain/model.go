package exercise

import (
	"errors"
	"io"
	"net"
	"os"
	"sync"
	"time"
)

// Drain accepts until nobody waits any more.
func Drain(listener *net.TCPListener, serve func(net.Conn), grace time.Duration) (served, ended int, err error) {
	over := time.Now().Add(grace)
	d := drainAll{over: over, serve: serve}
	for {
		const look = 10 * time.Millisecond
		listener.SetDeadline(time.Now().Add(look))
		var conn *net.TCPConn
		if conn, err = listener.AcceptTCP(); err != nil {
			break
		}
		d.all.Go(func() { d.one(conn) })
	}
	if errors.Is(err, os.ErrDeadlineExceeded) {
		err = nil
	}
	listener.Close()
	d.all.Wait()
	return d.served, d.ended, err
}

type drainAll struct {
	over  time.Time
	serve func(net.Conn)
	all   sync.WaitGroup

	mu            sync.Mutex
	served, ended int
}

func (d *drainAll) one(conn *net.TCPConn) {
	isDone := false // either served or ended
	timer := time.AfterFunc(time.Until(d.over), func() {
		d.mu.Lock()
		defer d.mu.Unlock()
		if !isDone {
			isDone = true
			d.ended++
			conn.SetLinger(0)
			conn.Close()
		}
	})
	defer timer.Stop()
	d.serve(conn)
	d.mu.Lock()
	isServed := !isDone
	isDone = true
	if isServed {
		d.served++
	}
	d.mu.Unlock()
	if isServed {
		conn.CloseWrite()
		conn.SetReadDeadline(d.over)
		io.Copy(io.Discard, conn)
		conn.Close()
	}
}
