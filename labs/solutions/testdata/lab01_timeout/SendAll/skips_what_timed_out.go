// Mistake: it sends in chunks, and takes a chunk that timed out for sent.
// Says: some of it is lost
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
		chunk := data[sent:min(sent+16<<20, len(data))]
		conn.SetWriteDeadline(time.Now().Add(patience))
		_, err := conn.Write(chunk)
		sent += len(chunk)
		if err != nil && (!errors.Is(err, os.ErrDeadlineExceeded) || !goOn(sent)) {
			return sent, err
		}
	}
	return sent, nil
}
