package exercise

import (
	"errors"
	"net"
	"os"
	"syscall"
	"time"
)

// BoundUnacknowledged does all that it does in one visit to the descriptor, with the numbers of tcp(7).
func BoundUnacknowledged(conn *net.TCPConn, limit time.Duration) (err error) {
	const userTimeout = 18 // TCP_USER_TIMEOUT
	whole := limit.Truncate(time.Millisecond)
	if whole < limit {
		whole += time.Millisecond
	}
	if whole > (1<<31-1)*time.Millisecond {
		return errors.New("the limit is too long")
	}
	raw, err := conn.SyscallConn()
	if err != nil {
		return err
	}
	visit := raw.Control(func(descriptor uintptr) {
		fd := int(descriptor)
		if err = syscall.SetsockoptInt(fd, syscall.SOL_SOCKET, syscall.SO_KEEPALIVE, 0); err != nil {
			return
		}
		err = syscall.SetsockoptInt(fd, syscall.SOL_TCP, userTimeout, int(whole/time.Millisecond))
	})
	if visit != nil {
		return visit
	}
	return os.NewSyscallError("setsockopt", err)
}
