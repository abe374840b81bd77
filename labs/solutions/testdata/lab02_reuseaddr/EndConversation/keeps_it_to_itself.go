// Mistake: that patience ran out is not told.
// Says: nobody is told that patience ran out
package exercise

import (
	"io"
	"net"
	"time"
)

func EndConversation(conn *net.TCPConn, answer []byte, patience time.Duration) error {
	defer conn.Close()
	conn.SetDeadline(time.Now().Add(patience))
	conn.Write(answer)
	if _, err := io.Copy(io.Discard, conn); err != nil {
		conn.SetLinger(0)
	}
	return nil
}
