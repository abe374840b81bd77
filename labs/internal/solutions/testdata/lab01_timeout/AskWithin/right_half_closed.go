package exercise

import (
	"io"
	"net"
	"time"
)

// AskWithin sends in small writes, says with CloseWrite that this was all, and reads in small pieces.
func AskWithin(address string, request []byte, budget time.Duration) (reply []byte, err error) {
	deadline := time.Now().Add(budget)
	dialer := net.Dialer{Deadline: deadline}
	conn, err := dialer.Dial("tcp", address)
	if err != nil {
		return nil, err
	}
	defer conn.Close()
	if err := conn.SetDeadline(deadline); err != nil {
		return nil, err
	}
	for rest := request; len(rest) > 0; {
		n, err := conn.Write(rest[:min(1000, len(rest))])
		if err != nil {
			return nil, err
		}
		rest = rest[n:]
	}
	conn.(*net.TCPConn).CloseWrite()
	for piece := make([]byte, 3000); ; {
		n, err := conn.Read(piece)
		reply = append(reply, piece[:n]...)
		if err == io.EOF {
			return reply, nil
		}
		if err != nil {
			return reply, err
		}
	}
}
