package exercise

import (
	"errors"
	"net"
	"time"

	"golang.org/x/sys/unix"
)

// OpenWay counts in seconds, and sets each option itself.
func OpenWay(conn *net.TCPConn, memory, within time.Duration) error {
	idle := int((memory + 4*time.Second - 1) / (4 * time.Second))
	const interval = 1
	count := 3
	if memory < 2*time.Second || idle > 32767 || time.Duration(idle+count*interval)*time.Second > within {
		return ErrImpossible
	}
	raw, err := conn.SyscallConn()
	if err != nil {
		return err
	}
	var errs []error
	set := func(fd, level, option, value int) { errs = append(errs, unix.SetsockoptInt(fd, level, option, value)) }
	err = raw.Control(func(descriptor uintptr) {
		fd := int(descriptor)
		set(fd, unix.IPPROTO_TCP, unix.TCP_KEEPIDLE, idle)
		set(fd, unix.IPPROTO_TCP, unix.TCP_KEEPINTVL, interval)
		set(fd, unix.IPPROTO_TCP, unix.TCP_KEEPCNT, count)
		set(fd, unix.IPPROTO_TCP, unix.TCP_USER_TIMEOUT, 1000*(idle+count*interval)-500)
		set(fd, unix.SOL_SOCKET, unix.SO_KEEPALIVE, 1)
	})
	return errors.Join(append(errs, err)...)
}
