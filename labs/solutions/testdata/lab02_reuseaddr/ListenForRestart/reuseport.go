// Mistake: SO_REUSEPORT is taken for SO_REUSEADDR.
// Says: two servers listen on one port
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
	unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_REUSEPORT, 1)
	if err := unix.Bind(fd, Sockaddr(address)); err != nil {
		unix.Close(fd)
		return -1, err
	}
	return fd, unix.Listen(fd, unix.SOMAXCONN)
}
