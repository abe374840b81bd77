// Mistake: the options are set in milliseconds, and the kernel counts seconds.
// Says: the peer is found too late
package exercise

import (
	"net"
	"time"

	"golang.org/x/sys/unix"
)

func FindVanished(conn *net.TCPConn, within time.Duration) error {
	raw, err := conn.SyscallConn()
	if err != nil {
		return err
	}
	var failed error
	err = raw.Control(func(fd uintptr) {
		for option, value := range map[int]int{
			unix.TCP_KEEPIDLE:  int(within.Milliseconds() / 2),
			unix.TCP_KEEPINTVL: int(within.Milliseconds() / 4),
			unix.TCP_KEEPCNT:   2,
		} {
			if failed == nil {
				failed = unix.SetsockoptInt(int(fd), unix.IPPROTO_TCP, option, value)
			}
		}
		if failed == nil {
			failed = unix.SetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_KEEPALIVE, 1)
		}
	})
	if err != nil {
		return err
	}
	return failed
}
