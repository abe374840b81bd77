package exercise

import (
	"net"
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// OpenWay takes the longest idle time that fits, and three probes. TCP_USER_TIMEOUT is their sum: with it the count of
// probes doesn't count.
func OpenWay(conn *net.TCPConn, memory, within time.Duration) error {
	const second, probes, most = time.Second, 3, 32767 * time.Second
	longest := min(most, (memory / 2).Truncate(second))
	shortest := (memory/4 + second - 1).Truncate(second)
	idle := min(longest, within.Truncate(second)-probes*second)
	if idle < max(shortest, second) {
		return ErrImpossible
	}
	interval := min(longest, ((within - idle) / probes).Truncate(second))
	err := conn.SetKeepAliveConfig(net.KeepAliveConfig{Enable: true, Idle: idle, Interval: interval, Count: probes})
	if err != nil {
		return err
	}
	raw, err := conn.SyscallConn()
	if err != nil {
		return err
	}
	var refused error
	err = raw.Control(func(fd uintptr) {
		sum := int((idle + probes*interval).Milliseconds())
		refused = os.NewSyscallError("setsockopt", unix.SetsockoptInt(int(fd), unix.IPPROTO_TCP, unix.TCP_USER_TIMEOUT, sum))
	})
	if err != nil {
		return err
	}
	return refused
}
