// Mistake: connecting, sending and receiving have the budget each.
// Says: each step has the whole budget again
package exercise

import (
	"io"
	"net"
	"time"
)

func AskWithin(address string, question []byte, budget time.Duration) (reply []byte, err error) {
	conn, err := net.DialTimeout("tcp", address, budget)
	if err != nil {
		return nil, err
	}
	defer conn.Close()
	conn.SetWriteDeadline(time.Now().Add(budget))
	if _, err := conn.Write(question); err != nil {
		return nil, err
	}
	conn.SetReadDeadline(time.Now().Add(budget))
	return io.ReadAll(conn)
}
