// Mistake: one read is taken for the end of the conversation.
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
		_, err = conn.Read(make([]byte, 1024))
	}
	if err == io.EOF {
		return nil
	}
	if err != nil {
		conn.SetLinger(0)
	}
	return err
}
