package exercise

import (
	"net"
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// FindVanished begins to probe after half of the time, and probes as often as the kernel counts: at most 127 times. It
// turns keepalive on when all is set.
func FindVanished(conn *net.TCPConn, within time.Duration) error {
	seconds := int(within / time.Second)
	idle := min(seconds/2, 32767)
	probes := min(seconds-idle, 127)
	interval := (seconds - idle) / probes
	raw, err := conn.SyscallConn()
	if err != nil {
		return err
	}
	var failed error
	err = raw.Control(func(fd uintptr) {
		for _, set := range [][3]int{
			{unix.IPPROTO_TCP, unix.TCP_KEEPIDLE, idle},
			{unix.IPPROTO_TCP, unix.TCP_KEEPINTVL, interval},
			{unix.IPPROTO_TCP, unix.TCP_KEEPCNT, probes},
			{unix.SOL_SOCKET, unix.SO_KEEPALIVE, 1},
		} {
			if failed = unix.SetsockoptInt(int(fd), set[0], set[1], set[2]); failed != nil {
				return
			}
		}
	})
	if err != nil {
		return err
	}
	return os.NewSyscallError("setsockopt", failed)
}
