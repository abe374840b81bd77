// Mistake: the socket is bound, and does not listen.
// Says: the socket does not listen
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
	return fd, unix.Bind(fd, Sockaddr(address))
}
