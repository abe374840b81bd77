// Mistake: it tries again and again, also where nobody listens.
// Says: it spends the budget on a server that refuses
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
	for err != nil && time.Now().Before(deadline) {
		time.Sleep(10 * time.Millisecond)
		conn, err = dialer.Dial("tcp", address)
	}
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
