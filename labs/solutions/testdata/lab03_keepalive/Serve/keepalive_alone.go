// Mistake: keepalive alone is silent while an answer is under way.
// Says: clients that vanish while an answer is on its way are not given up
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
			conn.SetKeepAliveConfig(net.KeepAliveConfig{Enable: true, Idle: silence - time.Second, Interval: time.Second, Count: 1})
			io.Copy(conn, conn)
		}()
	}
}
