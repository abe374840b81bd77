// Mistake: SO_LINGER with zero leaves no TIME_WAIT, whatever becomes of the answer.
// Says: the connection is reset
package exercise

import (
	"net"
	"time"
)

func EndConversation(conn *net.TCPConn, answer []byte, patience time.Duration) error {
	defer conn.Close()
	conn.SetLinger(0)
	conn.SetDeadline(time.Now().Add(patience))
	_, err := conn.Write(answer)
	return err
}
