// Mistake: TCP_USER_TIMEOUT is taken to count seconds.
// Says: the connection is given up before the limit
package exercise

import (
	"errors"
	"net"
	"time"

	"golang.org/x/sys/unix"
)

func BoundUnacknowledged(conn *net.TCPConn, limit time.Duration) error {
	raw, err := conn.SyscallConn()
	if err != nil {
		return err
	}
	var failed error
	err = raw.Control(func(fd uintptr) {
		failed = unix.SetsockoptInt(int(fd), unix.IPPROTO_TCP, unix.TCP_USER_TIMEOUT, max(int(limit.Seconds()), 1))
	})
	return errors.Join(err, failed)
}
