// Mistake: each word of the client's gets the whole patience anew.
// Says: a client can hold the server for ever
package exercise

import (
	"io"
	"net"
	"time"
)

func EndConversation(conn *net.TCPConn, answer []byte, patience time.Duration) error {
	defer conn.Close()
	conn.SetDeadline(time.Now().Add(patience))
	_, err := conn.Write(answer)
	for words := make([]byte, 1024); err == nil; {
		conn.SetReadDeadline(time.Now().Add(patience))
		_, err = conn.Read(words)
	}
	if err == io.EOF {
		return nil
	}
	conn.SetLinger(0)
	return err
}
