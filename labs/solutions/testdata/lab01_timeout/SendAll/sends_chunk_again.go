// Mistake: it sends in chunks, and a chunk that timed out midway it sends again as a whole.
// Says: the server has some of it twice
package exercise

import (
	"errors"
	"net"
	"os"
	"time"
)

func SendAll(conn net.Conn, data []byte, patience time.Duration, goOn func(sent int) bool) (sent int, err error) {
	defer conn.SetWriteDeadline(time.Time{})
	for sent < len(data) {
		chunk := data[sent:min(sent+1<<20, len(data))]
		conn.SetWriteDeadline(time.Now().Add(patience))
		_, err := conn.Write(chunk)
		switch {
		case err == nil:
			sent += len(chunk)
		case !errors.Is(err, os.ErrDeadlineExceeded) || !goOn(sent):
			return sent, err
		}
	}
	return sent, nil
}
