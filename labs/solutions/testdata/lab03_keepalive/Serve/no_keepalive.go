// Mistake: nothing watches the clients.
// Says: clients that have vanished are not given up
package exercise

import (
	"io"
	"net"
	"time"
)

func Serve(listener *net.TCPListener, silence time.Duration) error {
	for {
		conn, err := listener.AcceptTCP()
		if err != nil {
			return err
		}
		go func() {
			defer conn.Close()
			io.Copy(conn, conn)
		}()
	}
}
