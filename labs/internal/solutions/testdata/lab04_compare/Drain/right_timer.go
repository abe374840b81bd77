package exercise

import (
	"net"
	"sync"
	"time"
)

type drainGuest struct {
	conn *net.TCPConn
	left bool // serve has returned
}

func (guest *drainGuest) throwOut() {
	guest.conn.SetLinger(0)
	guest.conn.Close()
}

// Drain has one timer for all, which ends whoever is there.
func Drain(listener *net.TCPListener, serve func(net.Conn), grace time.Duration) (served, ended int, err error) {
	var mu sync.Mutex
	var guests []*drainGuest
	isOver := false
	until := time.Now().Add(grace)
	end := time.AfterFunc(grace, func() {
		mu.Lock()
		defer mu.Unlock()
		isOver = true
		for _, guest := range guests {
			if !guest.left {
				ended++
				guest.throwOut()
			}
		}
	})
	defer end.Stop()
	var wait sync.WaitGroup
	for {
		if err = listener.SetDeadline(time.Now().Add(20 * time.Millisecond)); err != nil {
			break
		}
		conn, failed := listener.Accept()
		if timeout, ok := failed.(net.Error); ok && timeout.Timeout() {
			break
		}
		if err = failed; err != nil {
			break
		}
		guest := &drainGuest{conn: conn.(*net.TCPConn)}
		mu.Lock()
		guests = append(guests, guest)
		if isOver { // the timer has looked at the others
			ended++
			guest.throwOut()
		}
		mu.Unlock()
		wait.Add(1)
		go func() {
			defer wait.Done()
			serve(guest.conn)
			mu.Lock()
			wasEnded := isOver
			guest.left = true
			if !wasEnded {
				served++
			}
			mu.Unlock()
			if wasEnded {
				return
			}
			guest.conn.CloseWrite()
			for buf := make([]byte, 1000); ; {
				guest.conn.SetReadDeadline(until)
				if _, err := guest.conn.Read(buf); err != nil {
					break
				}
			}
			guest.conn.Close()
		}()
	}
	listener.Close()
	wait.Wait()
	mu.Lock()
	defer mu.Unlock()
	return served, ended, err
}
