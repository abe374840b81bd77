// Mistake: patience bounds the reads, and not the write.
// Says: a client can hold the server for ever
package exercise

import (
	"io"
	"net"
	"time"
)

func EndConversation(conn *net.TCPConn, answer []byte, patience time.Duration) error {
	defer conn.Close()
	err := conn.SetReadDeadline(time.Now().Add(patience))
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
