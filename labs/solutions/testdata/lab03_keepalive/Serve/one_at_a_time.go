// Mistake: clients are served one after the other.
// Says: a client is not served while others are connected
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
		if serveWatched(conn, silence) == nil {
			io.Copy(conn, conn)
		}
		conn.Close()
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
