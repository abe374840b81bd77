package exercise

import (
	"io"
	"net"
	"time"
)

// EndConversation lets the client close first: the server reads until the client's FIN, and closes
// then. One deadline bounds all of it. When it has passed, only a reset leaves nothing behind.
func EndConversation(conn *net.TCPConn, answer []byte, patience time.Duration) error {
	defer conn.Close()
	err := conn.SetDeadline(time.Now().Add(patience))
	if err == nil {
		_, err = conn.Write(answer)
	}
	if err == nil {
		_, err = io.Copy(io.Discard, conn)
	}
	if err != nil {
		conn.SetLinger(0)
	}
	return err
}
