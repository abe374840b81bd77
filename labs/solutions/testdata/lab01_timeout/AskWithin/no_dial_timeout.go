// Mistake: it has a deadline for sending and receiving, and none for connecting.
// Says: connecting has no time-out
package exercise

import (
	"io"
	"net"
	"time"
)

func AskWithin(address string, question []byte, budget time.Duration) (reply []byte, err error) {
	deadline := time.Now().Add(budget)
	conn, err := net.Dial("tcp", address)
	if err != nil {
		return nil, err
	}
	defer conn.Close()
	conn.SetDeadline(deadline)
	if _, err := conn.Write(question); err != nil {
		return nil, err
	}
	return io.ReadAll(conn)
}
