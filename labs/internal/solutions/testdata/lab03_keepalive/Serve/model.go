package exercise

import (
	"errors"
	"io"
	"net"
	"time"

	"golang.org/x/sys/unix"
)

// Serve has a goroutine for each client. Keepalive ends its read when nothing is under way and the client
// is gone, and TCP_USER_TIMEOUT when an answer is.
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

// serveWatched gives both watchers the same time. TCP_USER_TIMEOUT also says which probe is the last: the
// first that is over when the time is.
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
