// Mistake: the server has said all, and closes, whatever the client has said meanwhile.
// Says: the connection is reset
package exercise

import (
	"net"
	"time"
)

func EndConversation(conn *net.TCPConn, answer []byte, patience time.Duration) error {
	defer conn.Close()
	conn.SetDeadline(time.Now().Add(patience))
	_, err := conn.Write(answer)
	return err
}
