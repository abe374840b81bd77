// Mistake: the kernel's error is put into words, and can't be found in them.
// Says: the error does not say what is wrong
package exercise

import (
	"fmt"
	"net/netip"

	"golang.org/x/sys/unix"
)

func ListenForRestart(address netip.AddrPort) (fd int, err error) {
	fd, err = unix.Socket(Domain(address), unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return -1, err
	}
	unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_REUSEADDR, 1)
	if err := unix.Bind(fd, Sockaddr(address)); err != nil {
		unix.Close(fd)
		return -1, fmt.Errorf("can't bind to %v: %v", address, err)
	}
	return fd, unix.Listen(fd, unix.SOMAXCONN)
}
