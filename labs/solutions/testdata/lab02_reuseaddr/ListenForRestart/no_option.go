// Mistake: SO_REUSEADDR is forgotten.
// Says: the sockets do without this lab's option
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
	if err := unix.Bind(fd, Sockaddr(address)); err != nil {
		unix.Close(fd)
		return -1, err
	}
	return fd, unix.Listen(fd, unix.SOMAXCONN)
}
