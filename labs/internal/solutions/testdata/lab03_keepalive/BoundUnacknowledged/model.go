package exercise

import (
	"errors"
	"net"
	"time"

	"golang.org/x/sys/unix"
)

// BoundUnacknowledged sets TCP_USER_TIMEOUT. It counts milliseconds, and 0 would turn it off.
func BoundUnacknowledged(conn *net.TCPConn, limit time.Duration) error {
	raw, err := conn.SyscallConn()
	if err != nil {
		return err
	}
	milliseconds := int((limit + time.Millisecond - 1) / time.Millisecond)
	var failed error
	err = raw.Control(func(fd uintptr) {
		failed = unix.SetsockoptInt(int(fd), unix.IPPROTO_TCP, unix.TCP_USER_TIMEOUT, milliseconds)
	})
	return errors.Join(err, failed)
}
