package exercise

import (
	"errors"
	"io"
	"net"
	"os"
	"time"
)

// AskWithin sends in a goroutine of its own, while it reads already.
func AskWithin(address string, question []byte, budget time.Duration) (reply []byte, err error) {
	if budget <= 0 {
		return nil, os.ErrDeadlineExceeded
	}
	end := time.Now().Add(budget)
	conn, err := net.DialTimeout("tcp", address, budget)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, conn.Close()) }()
	conn.SetDeadline(end)
	sent := make(chan error, 1)
	go func() {
		_, err := conn.Write(question)
		if err != nil {
			conn.SetReadDeadline(time.Unix(1, 0))
		}
		sent <- err
	}()
	small := make([]byte, 1000)
	for err == nil {
		var n int
		n, err = conn.Read(small)
		reply = append(reply, small[:n]...)
	}
	if err == io.EOF {
		err = nil
	} else {
		conn.SetWriteDeadline(time.Unix(1, 0))
	}
	if failed := <-sent; failed != nil && (err == nil || time.Now().Before(end)) {
		err = failed
	}
	return reply, err
}
