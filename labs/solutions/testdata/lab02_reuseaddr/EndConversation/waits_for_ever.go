// Mistake: nothing bounds the wait for the client to hang up.
// Says: a client can hold the server for ever
package exercise

import (
	"io"
	"net"
	"time"
)

func EndConversation(conn *net.TCPConn, answer []byte, patience time.Duration) error {
	defer conn.Close()
	if _, err := conn.Write(answer); err != nil {
		return err
	}
	_, err := io.Copy(io.Discard, conn)
	return err
}
