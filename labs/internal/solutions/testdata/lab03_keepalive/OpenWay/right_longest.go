package exercise

import (
	"fmt"
	"net"
	"time"

	"golang.org/x/sys/unix"
)

// OpenWay waits as long as it may: with as many probes as fit.
func OpenWay(conn *net.TCPConn, memory, within time.Duration) error {
	second := int64(time.Second)
	most := min(int64(memory)/2/second, 32767)
	for idle := most; idle >= 1 && idle*second >= int64(memory)/4; idle-- {
		for interval := min(most, 30); interval >= 1; interval-- {
			count := min((int64(within)/second-idle)/interval, 100)
			if count < 3 {
				continue
			}
			return openWaySet(conn, int(idle), int(interval), int(count))
		}
	}
	return ErrImpossible
}

func openWaySet(conn *net.TCPConn, idle, interval, count int) error {
	raw, err := conn.SyscallConn()
	if err != nil {
		return fmt.Errorf("the connection: %w", err)
	}
	failed := error(nil)
	try := func(level, option, value int, fd uintptr) {
		if failed == nil {
			failed = unix.SetsockoptInt(int(fd), level, option, value)
		}
	}
	err = raw.Control(func(fd uintptr) {
		try(unix.SOL_SOCKET, unix.SO_KEEPALIVE, 1, fd)
		try(unix.IPPROTO_TCP, unix.TCP_KEEPIDLE, idle, fd)
		try(unix.IPPROTO_TCP, unix.TCP_KEEPINTVL, interval, fd)
		try(unix.IPPROTO_TCP, unix.TCP_KEEPCNT, count, fd)
		try(unix.IPPROTO_TCP, unix.TCP_USER_TIMEOUT, 1000*(idle+count*interval), fd)
	})
	if err != nil {
		return fmt.Errorf("the connection: %w", err)
	}
	return failed
}
