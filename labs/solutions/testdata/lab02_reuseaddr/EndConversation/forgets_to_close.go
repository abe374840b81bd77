// Mistake: the client has hung up, and the server does not close.
// Says: the connection is not closed
package exercise

import (
	"io"
	"net"
	"time"
)

func EndConversation(conn *net.TCPConn, answer []byte, patience time.Duration) error {
	err := conn.SetDeadline(time.Now().Add(patience))
	if err == nil {
		_, err = conn.Write(answer)
	}
	if err == nil {
		_, err = io.Copy(io.Discard, conn)
	}
	return err
}
