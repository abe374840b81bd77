// Mistake: it takes every error but the time-out for the end of the reply.
// Says: it takes a broken connection for the end of the reply
package exercise

import (
	"errors"
	"net"
	"os"
	"time"
)

func AskWithin(address string, question []byte, budget time.Duration) (reply []byte, err error) {
	deadline := time.Now().Add(budget)
	dialer := net.Dialer{Deadline: deadline}
	conn, err := dialer.Dial("tcp", address)
	if err != nil {
		return nil, err
	}
	defer conn.Close()
	conn.SetDeadline(deadline)
	if _, err := conn.Write(question); err != nil {
		return nil, err
	}
	buf := make([]byte, 4<<10)
	for {
		n, err := conn.Read(buf)
		reply = append(reply, buf[:n]...)
		if errors.Is(err, os.ErrDeadlineExceeded) {
			return reply, err
		}
		if err != nil {
			return reply, nil
		}
	}
}
