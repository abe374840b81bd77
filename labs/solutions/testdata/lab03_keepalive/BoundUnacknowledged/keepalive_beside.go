// Mistake: keepalive is turned on beside, to be on the safe side; TCP_USER_TIMEOUT then rules the probes too.
// Says: an idle connection is watched, and lost
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
		milliseconds := int((limit + time.Millisecond - 1) / time.Millisecond)
		failed = unix.SetsockoptInt(int(fd), unix.IPPROTO_TCP, unix.TCP_USER_TIMEOUT, milliseconds)
	})
	keepalive := net.KeepAliveConfig{Enable: true, Idle: time.Second, Interval: time.Second, Count: 9}
	return errors.Join(err, failed, conn.SetKeepAliveConfig(keepalive))
}
