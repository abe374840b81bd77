// Mistake: when patience is over, the server closes as ever.
// Says: the server closes first, and its kernel has to wait for the client
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
	for words := make([]byte, 1024); err == nil; {
		_, err = conn.Read(words)
	}
	if err == io.EOF {
		return nil
	}
	return err
}
