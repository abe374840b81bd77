// Mistake: TCP_USER_TIMEOUT is given the duration as it is.
// Says: there is a bound, and it is another one
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
		failed = unix.SetsockoptInt(int(fd), unix.IPPROTO_TCP, unix.TCP_USER_TIMEOUT, int(int32(limit)))
	})
	return errors.Join(err, failed)
}
