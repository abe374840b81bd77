package exercise

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"sync"
	"time"
)

// Serve gives each client two goroutines: one reads, and one does everything else.
func Serve(ctx context.Context, listener *net.TCPListener, limits Limits, answer func(question string) string) error {
	server := serveAll{clients: make(map[*serveOne]bool)}
	server.none = sync.NewCond(&server.mu)
	over := make(chan struct{})
	watched := make(chan struct{})
	go func() {
		defer close(watched)
		select {
		case <-ctx.Done():
			server.end(listener)
		case <-over:
		}
	}()
	err := server.accept(ctx, listener, limits, answer)
	close(over)
	<-watched
	server.end(listener)
	server.mu.Lock()
	defer server.mu.Unlock()
	for len(server.clients) > 0 {
		server.none.Wait()
	}
	return err
}

type serveAll struct {
	mu      sync.Mutex
	isOver  bool
	clients map[*serveOne]bool
	none    *sync.Cond
}

func (s *serveAll) accept(ctx context.Context, listener *net.TCPListener, limits Limits, answer func(string) string) error {
	pause := time.Millisecond
	for {
		conn, err := listener.AcceptTCP()
		if err == nil {
			pause = time.Millisecond
			s.add(newServeOne(conn, limits, answer))
			continue
		}
		if ctx.Err() != nil {
			return nil
		}
		if errors.Is(err, net.ErrClosed) {
			return err
		}
		time.Sleep(pause)
		pause = min(2*pause, 100*time.Millisecond)
	}
}

func (s *serveAll) add(c *serveOne) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.isOver {
		c.conn.Close()
		return
	}
	s.clients[c] = true
	go func() {
		c.run()
		s.mu.Lock()
		defer s.mu.Unlock()
		delete(s.clients, c)
		s.none.Broadcast()
	}()
}

func (s *serveAll) end(listener *net.TCPListener) {
	listener.Close()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.isOver = true
	for c := range s.clients {
		c.conn.Close()
	}
}

// serveOne is a client. What has come, and what has become of the connection, is under mu.
type serveOne struct {
	conn   *net.TCPConn
	limits Limits
	answer func(string) string

	mu      sync.Mutex
	changed *sync.Cond
	came    []byte
	first   time.Time // when the first byte of came was there
	last    time.Time // when something came last
	readErr error
	isFull  bool
}

func newServeOne(conn *net.TCPConn, limits Limits, answer func(string) string) *serveOne {
	c := &serveOne{conn: conn, limits: limits, answer: answer}
	c.changed = sync.NewCond(&c.mu)
	return c
}

const serveMost = 1000

func (c *serveOne) run() {
	read := make(chan struct{})
	go func() {
		defer close(read)
		c.read()
	}()
	if c.serve() {
		c.conn.Close()
	} else {
		c.conn.SetLinger(0)
		c.conn.Close()
	}
	c.mu.Lock()
	c.isFull = false
	c.came = nil
	c.changed.Broadcast()
	c.mu.Unlock()
	<-read
}

// read reads, as long as there is room for more.
func (c *serveOne) read() {
	buf := make([]byte, 512)
	for {
		n, err := c.conn.Read(buf)
		c.mu.Lock()
		if n > 0 {
			c.last = time.Now()
			if len(c.came) == 0 {
				c.first = c.last
			}
			c.came = append(c.came, buf[:n]...)
		}
		c.readErr = err
		c.isFull = len(c.came) > 4*serveMost
		c.changed.Broadcast()
		for c.isFull {
			c.changed.Wait()
		}
		c.mu.Unlock()
		if err != nil {
			return
		}
	}
}

// serve says whether the client has left in order.
func (c *serveOne) serve() bool {
	for {
		question, isThere, isGood := c.next()
		if !isThere {
			return isGood
		}
		if question != "pong" && !c.write(c.answer(question)) {
			return false
		}
		c.mu.Lock()
		c.first = time.Now() // of what has come meanwhile, if anything has
		c.mu.Unlock()
	}
}

// next waits for a whole question. Else it says whether the end was good.
func (c *serveOne) next() (question string, isThere, isGood bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	began, pinged := time.Now(), time.Time{}
	for {
		if i := bytes.IndexByte(c.came, '\n'); i >= 0 && i <= serveMost {
			question = string(c.came[:i])
			c.came = c.came[i+1:]
			c.isFull = false
			c.changed.Broadcast()
			return question, true, true
		}
		if len(c.came) > serveMost {
			return "", false, false
		}
		if c.readErr != nil {
			return "", false, c.readErr == io.EOF
		}
		now := time.Now()
		var until time.Time
		switch {
		case len(c.came) > 0:
			until = c.first.Add(c.limits.Question)
		case !pinged.IsZero():
			until = pinged.Add(c.limits.Answer)
		default:
			until = began.Add(c.limits.Quiet)
		}
		switch {
		case now.Before(until):
			c.waitUntil(until)
		case len(c.came) > 0 || !pinged.IsZero():
			return "", false, false
		default:
			c.mu.Unlock()
			written := c.write("ping")
			c.mu.Lock()
			if !written {
				return "", false, false
			}
			pinged = time.Now()
		}
	}
}

// waitUntil waits on the condition, and no longer than until a moment.
func (c *serveOne) waitUntil(moment time.Time) {
	wake := time.AfterFunc(time.Until(moment), func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.changed.Broadcast()
	})
	defer wake.Stop()
	c.changed.Wait()
}

func (c *serveOne) write(line string) bool {
	c.conn.SetWriteDeadline(time.Now().Add(c.limits.Answer))
	_, err := c.conn.Write(append([]byte(line), '\n'))
	return err == nil
}
