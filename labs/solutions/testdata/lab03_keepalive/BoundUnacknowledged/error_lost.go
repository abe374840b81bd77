// Mistake: the errors are lost.
// Says: an error is lost
package exercise

import (
	"net"
	"time"

	"golang.org/x/sys/unix"
)

func BoundUnacknowledged(conn *net.TCPConn, limit time.Duration) error {
	raw, err := conn.SyscallConn()
	if err != nil {
		return nil
	}
	raw.Control(func(fd uintptr) {
		milliseconds := int((limit + time.Millisecond - 1) / time.Millisecond)
		unix.SetsockoptInt(int(fd), unix.IPPROTO_TCP, unix.TCP_USER_TIMEOUT, milliseconds)
	})
	return nil
}
