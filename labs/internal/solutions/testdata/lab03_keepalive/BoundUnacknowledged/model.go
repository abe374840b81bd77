package exercise

import (
	"errors"
	"fmt"
	"math"
	"net"
	"time"

	"golang.org/x/sys/unix"
)

// BoundUnacknowledged sets TCP_USER_TIMEOUT. It counts milliseconds, and 0 would turn it off. Keepalive would probe the
// connection while nothing is under way.
func BoundUnacknowledged(conn *net.TCPConn, limit time.Duration) error {
	milliseconds := limit.Milliseconds()
	if limit%time.Millisecond > 0 {
		milliseconds++
	}
	if milliseconds > math.MaxInt32 {
		return fmt.Errorf("a limit of %v: TCP_USER_TIMEOUT can hold %d ms at most", limit, math.MaxInt32)
	}
	raw, err := conn.SyscallConn()
	if err != nil {
		return err
	}
	var failed error
	err = raw.Control(func(fd uintptr) {
		failed = unix.SetsockoptInt(int(fd), unix.IPPROTO_TCP, unix.TCP_USER_TIMEOUT, int(milliseconds))
	})
	return errors.Join(err, failed, conn.SetKeepAlive(false))
}
