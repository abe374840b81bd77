// Mistake: the server ends its side, and then waits for the client: nothing is lost, but the first FIN is its own.
// Says: the server is the first to send a FIN
package exercise

import (
	"io"
	"net"
	"time"
)

func EndConversation(conn *net.TCPConn, answer []byte, patience time.Duration) error {
	defer conn.Close()
	err := conn.SetDeadline(time.Now().Add(patience))
	if err == nil {
		_, err = conn.Write(answer)
	}
	if err == nil {
		err = conn.CloseWrite()
	}
	if err == nil {
		_, err = io.Copy(io.Discard, conn)
	}
	if err != nil {
		conn.SetLinger(0)
	}
	return err
}
