// Mistake: it has a deadline for connecting, and none for what follows.
// Says: receiving has no deadline
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
	if _, err := conn.Write(question); err != nil {
		return nil, err
	}
	return io.ReadAll(conn)
}
