package exercise

import (
	"io"
	"net"
	"time"
)

// AskWithin connects, sends the question and returns the whole reply, all within the budget.
func AskWithin(address string, question []byte, budget time.Duration) (reply []byte, err error) {
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
	if _, err := conn.Write(question); err != nil {
		return nil, err
	}
	return io.ReadAll(conn)
}
