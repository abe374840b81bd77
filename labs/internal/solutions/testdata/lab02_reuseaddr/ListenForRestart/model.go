package exercise

import (
	"fmt"
	"net/netip"

	"golang.org/x/sys/unix"
)

// ListenForRestart asks for SO_REUSEADDR between socket and bind: bind looks at it, on this socket and
// on what the last server has left.
func ListenForRestart(address netip.AddrPort) (fd int, err error) {
	fd, err = unix.Socket(Domain(address), unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return -1, fmt.Errorf("socket: %w", err)
	}
	if err := unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_REUSEADDR, 1); err != nil {
		unix.Close(fd)
		return -1, fmt.Errorf("SO_REUSEADDR: %w", err)
	}
	if err := unix.Bind(fd, Sockaddr(address)); err != nil {
		unix.Close(fd)
		return -1, fmt.Errorf("bind %v: %w", address, err)
	}
	if err := unix.Listen(fd, unix.SOMAXCONN); err != nil {
		unix.Close(fd)
		return -1, fmt.Errorf("listen: %w", err)
	}
	return fd, nil
}
