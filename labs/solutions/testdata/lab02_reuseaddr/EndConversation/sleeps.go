// Mistake: the server gives the client a moment to hang up, and does not look whether it has.
// Says: the server is the first to send a FIN
package exercise

import (
	"io"
	"net"
	"time"
)

func EndConversation(conn *net.TCPConn, answer []byte, patience time.Duration) error {
	defer conn.Close()
	conn.SetDeadline(time.Now().Add(patience))
	if _, err := conn.Write(answer); err != nil {
		conn.SetLinger(0)
		return err
	}
	time.Sleep(50 * time.Millisecond)
	conn.SetReadDeadline(time.Now().Add(time.Millisecond))
	io.Copy(io.Discard, conn)
	return nil
}
