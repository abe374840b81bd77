// Mistake: it closes the connection where all went well, and forgets it where not.
// Says: the connection is left open
package exercise

import (
	"io"
	"net"
	"time"
)

func AskWithin(address string, question []byte, budget time.Duration) (reply []byte, err error) {
	deadline := time.Now().Add(budget)
	dialer := net.Dialer{Deadline: deadline}
	conn, err := dialer.Dial("tcp", address)
	if err != nil {
		return nil, err
	}
	conn.SetDeadline(deadline)
	if _, err := conn.Write(question); err != nil {
		return nil, err
	}
	reply, err = io.ReadAll(conn)
	if err == nil {
		conn.Close()
	}
	keepAskWithin = append(keepAskWithin, conn)
	return reply, err
}

// The connection that is not closed would be closed by the garbage collector, some time.
var keepAskWithin []net.Conn
