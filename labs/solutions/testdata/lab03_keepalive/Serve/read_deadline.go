// Mistake: a deadline for each read drops who is silent.
// Says: a client that is there is dropped because it was silent
package exercise

import (
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
			for words := make([]byte, 1024); ; {
				conn.SetDeadline(time.Now().Add(silence))
				n, err := conn.Read(words)
				if err != nil {
					return
				}
				if _, err := conn.Write(words[:n]); err != nil {
					return
				}
			}
		}()
	}
}
