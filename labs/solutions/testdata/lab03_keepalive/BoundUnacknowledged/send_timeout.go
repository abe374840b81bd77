// Mistake: SO_SNDTIMEO, which bounds blocking calls; those of Go do not block.
// Says: nothing bounds the time that data may stay unacknowledged
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
		failed = unix.SetsockoptTimeval(int(fd), unix.SOL_SOCKET, unix.SO_SNDTIMEO, &unix.Timeval{Sec: 1, Usec: int64(limit.Microseconds() % 1e6)})
	})
	return errors.Join(err, failed)
}
