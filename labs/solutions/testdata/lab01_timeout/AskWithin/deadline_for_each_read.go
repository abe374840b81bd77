// Mistake: it moves the deadline before each read, so that a peer which drips is never too slow.
// Says: each read has the whole budget again
package exercise

import (
	"io"
	"net"
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
		conn.SetReadDeadline(time.Now().Add(budget))
		n, err := conn.Read(buf)
		reply = append(reply, buf[:n]...)
		if err == io.EOF {
			return reply, nil
		}
		if err != nil {
			return reply, err
		}
	}
}
