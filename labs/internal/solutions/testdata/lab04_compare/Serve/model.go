package exercise

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"os"
	"sync"
	"time"
)

// Serve gives each client a goroutine of its own.
func Serve(ctx context.Context, listener *net.TCPListener, limits Limits, answer func(question string) string) error {
	var clients sync.WaitGroup
	defer clients.Wait()
	clientsCtx, end := context.WithCancel(ctx)
	defer end()
	defer context.AfterFunc(ctx, func() { listener.Close() })()
	for {
		conn, err := listener.AcceptTCP()
		switch {
		case ctx.Err() != nil:
			listener.Close() // AfterFunc may not have come to it
			if err == nil {
				conn.Close()
			}
			return nil
		case errors.Is(err, net.ErrClosed):
			return err
		case err != nil: // such as a lack of descriptors, which others may give back
			const pause = 20 * time.Millisecond
			select {
			case <-time.After(pause):
			case <-ctx.Done():
			}
			continue
		}
		clients.Go(func() {
			defer conn.Close()
			defer context.AfterFunc(clientsCtx, func() { conn.Close() })()
			c := serveClient{conn: conn, limits: limits, lines: bufio.NewReaderSize(conn, serveLongest+len("\n"))}
			if err := c.serve(answer); err != io.EOF {
				conn.SetLinger(0) // the kernel, too, is to forget it
			}
		})
	}
}

// serveLongest is the length of a question, at most.
const serveLongest = 1000

type serveClient struct {
	conn   *net.TCPConn
	limits Limits
	lines  *bufio.Reader
}

// serve returns io.EOF when the client has left.
func (c *serveClient) serve(answer func(string) string) error {
	for {
		if err := c.awaitLine(); err != nil {
			return err
		}
		c.conn.SetReadDeadline(time.Now().Add(c.limits.Question))
		line, err := c.lines.ReadSlice('\n') // longer ones fill the buffer, and are an error
		if err != nil {
			return err
		}
		question := string(line[:len(line)-1])
		if question == "pong" {
			continue
		}
		if err := c.send(answer(question)); err != nil {
			return err
		}
	}
}

// awaitLine waits for the first byte of a line, and asks a silent client whether it is there.
func (c *serveClient) awaitLine() error {
	c.conn.SetReadDeadline(time.Now().Add(c.limits.Quiet))
	_, err := c.lines.Peek(1)
	if !errors.Is(err, os.ErrDeadlineExceeded) {
		return err
	}
	if err := c.send("ping"); err != nil {
		return err
	}
	c.conn.SetReadDeadline(time.Now().Add(c.limits.Answer))
	_, err = c.lines.Peek(1)
	return err
}

func (c *serveClient) send(line string) error {
	c.conn.SetWriteDeadline(time.Now().Add(c.limits.Answer))
	_, err := io.WriteString(c.conn, line+"\n")
	return err
}
