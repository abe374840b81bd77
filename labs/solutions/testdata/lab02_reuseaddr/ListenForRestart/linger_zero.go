// Mistake: TIME_WAIT is avoided by SO_LINGER with zero, which accepted connections inherit.
// Says: the connection is reset when the server closes it
package exercise

import (
	"net/netip"

	"golang.org/x/sys/unix"
)

func ListenForRestart(address netip.AddrPort) (fd int, err error) {
	fd, err = unix.Socket(Domain(address), unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return -1, err
	}
	unix.SetsockoptLinger(fd, unix.SOL_SOCKET, unix.SO_LINGER, &unix.Linger{Onoff: 1, Linger: 0})
	if err := unix.Bind(fd, Sockaddr(address)); err != nil {
		unix.Close(fd)
		return -1, err
	}
	return fd, unix.Listen(fd, unix.SOMAXCONN)
}
