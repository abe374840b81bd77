// Mistake: it takes the time-out for the end of the reply.
// Says: it does not report that the budget is spent
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
	reply, err = io.ReadAll(conn)
	if netErr, ok := err.(net.Error); ok && netErr.Timeout() {
		return reply, nil
	}
	return reply, err
}
