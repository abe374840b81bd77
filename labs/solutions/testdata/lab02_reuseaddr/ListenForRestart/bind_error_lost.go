// Mistake: the error of bind is lost, and listen takes a port by itself.
// Says: nobody is told that the port is taken
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
	unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_REUSEADDR, 1)
	unix.Bind(fd, Sockaddr(address))
	if err := unix.Listen(fd, unix.SOMAXCONN); err != nil {
		unix.Close(fd)
		return -1, err
	}
	return fd, nil
}
