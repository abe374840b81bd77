package exercise

import (
	"fmt"
	"net"
	"time"

	"golang.org/x/sys/unix"
)

// BoundUnacknowledged turns keepalive off by its configuration, which leaves the times of the probes as they are, and
// rounds up without a remainder.
func BoundUnacknowledged(conn *net.TCPConn, limit time.Duration) error {
	unchanged := net.KeepAliveConfig{Enable: false, Idle: -1, Interval: -1, Count: -1}
	count := uint64(limit-1)/uint64(time.Millisecond) + 1
	if count >= 1<<31 {
		return fmt.Errorf("%v is too long: %w", limit, unix.EINVAL)
	}
	raw, err := conn.SyscallConn()
	if err != nil {
		return fmt.Errorf("bounding %v: %w", limit, err)
	}
	refused := unix.EBADF
	if err := raw.Control(func(fd uintptr) {
		refused = 0
		if err := unix.SetsockoptInt(int(fd), unix.SOL_TCP, unix.TCP_USER_TIMEOUT, int(count)); err != nil {
			refused = err.(unix.Errno)
		}
	}); err != nil {
		return fmt.Errorf("bounding %v: %w", limit, err)
	}
	if refused != 0 {
		return fmt.Errorf("TCP_USER_TIMEOUT: %w", refused)
	}
	return conn.SetKeepAliveConfig(unchanged)
}
