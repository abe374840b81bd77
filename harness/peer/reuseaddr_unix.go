//go:build unix

package peer

import (
	"errors"
	"syscall"

	"golang.org/x/sys/unix"
)

// withoutReuseaddr turns SO_REUSEADDR off again: Go has set it on a socket that is about to listen.
func withoutReuseaddr(_, _ string, conn syscall.RawConn) error {
	var failed error
	err := conn.Control(func(fd uintptr) {
		failed = unix.SetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_REUSEADDR, 0)
	})
	return errors.Join(err, failed)
}
