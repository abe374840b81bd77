package exercise

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"os"
	"sync"
	"time"
)

// Serve polls for clients, so that it sees when ctx has ended. Each client has one goroutine, and a buffer of its own.
func Serve(ctx context.Context, listener *net.TCPListener, limits Limits, answer func(question string) string) error {
	ours, cancel := context.WithCancel(ctx)
	var all sync.WaitGroup
	defer all.Wait()
	defer cancel()
	defer listener.Close() // first of these
	for ctx.Err() == nil {
		const poll = 10 * time.Millisecond
		listener.SetDeadline(time.Now().Add(poll))
		conn, err := listener.AcceptTCP()
		switch {
		case errors.Is(err, net.ErrClosed):
			return err
		case errors.Is(err, os.ErrDeadlineExceeded):
		case err != nil:
			time.Sleep(poll)
		default:
			s := &serveSession{conn, limits, answer, nil}
			all.Add(1)
			go func() {
				defer all.Done()
				s.run(ours)
			}()
		}
	}
	return nil
}

type serveSession struct {
	conn   *net.TCPConn
	limits Limits
	answer func(string) string
	rest   []byte // what has come, and is no whole line yet
}

var errServeFailed = errors.New("the client has failed")

func (s *serveSession) run(ctx context.Context) {
	stop := context.AfterFunc(ctx, func() { s.conn.Close() })
	defer stop()
	err := error(nil)
	for err == nil {
		var line []byte
		if line, err = s.line(); err == nil && string(line) != "pong" {
			err = s.write(s.answer(string(line)))
		}
	}
	if err != io.EOF {
		s.conn.SetLinger(0)
	}
	s.conn.Close()
}

func (s *serveSession) line() ([]byte, error) {
	const longest = 1000
	if len(s.rest) == 0 {
		err := s.more(s.limits.Quiet)
		if errors.Is(err, os.ErrDeadlineExceeded) {
			if err = s.write("ping"); err == nil {
				err = s.more(s.limits.Answer)
			}
		}
		if err != nil {
			return nil, err
		}
	}
	began := time.Now()
	for {
		if line, rest, found := bytes.Cut(s.rest, []byte("\n")); found && len(line) <= longest {
			s.rest = rest
			return line, nil
		}
		if len(s.rest) > longest {
			return nil, errServeFailed
		}
		if err := s.more(s.limits.Question - time.Since(began)); err != nil {
			return nil, err
		}
	}
}

// more reads once.
func (s *serveSession) more(limit time.Duration) error {
	buf := make([]byte, 2048)
	s.conn.SetReadDeadline(time.Now().Add(limit))
	n, err := s.conn.Read(buf)
	s.rest = append(s.rest[:len(s.rest):len(s.rest)], buf[:n]...)
	if n > 0 {
		return nil
	}
	return err
}

func (s *serveSession) write(line string) error {
	deadline := time.Now().Add(s.limits.Answer)
	for data := []byte(line + "\n"); len(data) > 0; {
		s.conn.SetWriteDeadline(deadline)
		n, err := s.conn.Write(data[:min(len(data), 64<<10)])
		if err != nil {
			return err
		}
		data = data[n:]
	}
	return nil
}
