package exercise

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"os"
	"strings"
	"sync"
	"time"
)

// Serve gives each client a goroutine of its own.
func Serve(ctx context.Context, listener *net.TCPListener, limits Limits, answer func(question string) string) error {
	var clients sync.WaitGroup
	defer clients.Wait()
	ctx, end := context.WithCancel(ctx)
	defer end()
	context.AfterFunc(ctx, func() { listener.Close() })
	for {
		conn, err := listener.AcceptTCP()
		if ctx.Err() != nil {
			if err == nil {
				conn.Close()
			}
			return nil
		}
		if err != nil {
			return err
		}
		clients.Go(func() {
			defer conn.Close()
			defer context.AfterFunc(ctx, func() { conn.Close() })()
			c := serveClient{conn: conn, limits: limits, lines: bufio.NewReader(conn)}
			if err := c.serve(answer); err != io.EOF {
				conn.SetLinger(0) // the kernel, too, is to forget it
			}
		})
	}
}

type serveClient struct {
	conn   *net.TCPConn
	limits Limits
	lines  *bufio.Reader
}

func (c *serveClient) serve(answer func(string) string) error {
	for {
		if err := c.awaitLine(); err != nil {
			return err
		}
		c.conn.SetReadDeadline(time.Now().Add(c.limits.Question))
		line, err := c.lines.ReadString('\n')
		if err == io.EOF {
			err = io.ErrUnexpectedEOF // in the middle of a question: no goodbye
		}
		if err != nil {
			return err
		}
		if line == "pong\n" {
			continue
		}
		if err := c.send(answer(strings.TrimSuffix(line, "\n"))); err != nil {
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
