// Mistake: a second goroutine writes, and waits for ever when its client is gone.
// Says: a goroutine of yours is left behind
package exercise

import (
	"errors"
	"net"
	"time"

	"golang.org/x/sys/unix"
)

func Serve(listener *net.TCPListener, silence time.Duration) error {
	for {
		conn, err := listener.AcceptTCP()
		if err != nil {
			return err
		}
		if err := serveWatched(conn, silence); err != nil {
			conn.Close()
			continue
		}
		answers := make(chan []byte)
		go func() {
			for answer := range answers {
				conn.Write(answer)
			}
		}()
		go func() {
			defer conn.Close()
			for {
				words := make([]byte, 1024)
				n, err := conn.Read(words)
				if err != nil {
					return
				}
				answers <- words[:n]
			}
		}()
	}
}

func serveWatched(conn *net.TCPConn, silence time.Duration) error {
	raw, err := conn.SyscallConn()
	if err != nil {
		return err
	}
	var failed error
	err = raw.Control(func(fd uintptr) {
		failed = unix.SetsockoptInt(int(fd), unix.IPPROTO_TCP, unix.TCP_USER_TIMEOUT, int(silence.Milliseconds()))
	})
	return errors.Join(err, failed, conn.SetKeepAliveConfig(net.KeepAliveConfig{
		Enable:   true,
		Idle:     silence / 2,
		Interval: max(silence/4, time.Second).Truncate(time.Second),
	}))
}
