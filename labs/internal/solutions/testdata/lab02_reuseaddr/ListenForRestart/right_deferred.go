package exercise

import (
	"net/netip"
	"os"

	"golang.org/x/sys/unix"
)

// ListenForRestart has one place that closes the descriptor. Its socket does not block, and one of IPv6 is for IPv6 alone.
func ListenForRestart(address netip.AddrPort) (fd int, err error) {
	fd, err = unix.Socket(Domain(address), unix.SOCK_STREAM|unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC, unix.IPPROTO_TCP)
	if err != nil {
		return -1, os.NewSyscallError("socket", err)
	}
	defer func() {
		if err != nil {
			unix.Close(fd)
			fd = -1
		}
	}()
	if err = unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_REUSEADDR, 1); err != nil {
		return fd, os.NewSyscallError("setsockopt", err)
	}
	if address.Addr().Is6() {
		if err = unix.SetsockoptInt(fd, unix.IPPROTO_IPV6, unix.IPV6_V6ONLY, 1); err != nil {
			return fd, os.NewSyscallError("setsockopt", err)
		}
	}
	if err = unix.Bind(fd, Sockaddr(address)); err != nil {
		return fd, os.NewSyscallError("bind", err)
	}
	return fd, os.NewSyscallError("listen", unix.Listen(fd, 50))
}
