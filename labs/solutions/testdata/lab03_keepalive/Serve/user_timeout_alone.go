// Mistake: TCP_USER_TIMEOUT alone does not watch who is idle.
// Says: clients that have vanished are not given up
package exercise

import (
	"errors"
	"io"
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
		go func() {
			defer conn.Close()
			if serveWatched(conn, silence) == nil {
				io.Copy(conn, conn)
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
	return errors.Join(err, failed)
}
