// Mistake: it listens on every address, where one was asked for.
// Says: the socket listens at another address
package exercise

import (
	"net/netip"

	"golang.org/x/sys/unix"
)

func ListenForRestart(address netip.AddrPort) (fd int, err error) {
	everywhere := netip.AddrPortFrom(netip.IPv4Unspecified(), address.Port())
	if address.Addr().Is6() {
		everywhere = netip.AddrPortFrom(netip.IPv6Unspecified(), address.Port())
	}
	fd, err = unix.Socket(Domain(address), unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return -1, err
	}
	unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_REUSEADDR, 1)
	if err := unix.Bind(fd, Sockaddr(everywhere)); err != nil {
		unix.Close(fd)
		return -1, err
	}
	return fd, unix.Listen(fd, unix.SOMAXCONN)
}
