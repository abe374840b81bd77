// Mistake: it binds without SO_REUSEADDR, and takes every EADDRINUSE for a listener.
// Says: TIME_WAIT is taken for a listener
package exercise

import (
	"net/netip"

	"golang.org/x/sys/unix"
)

func WhoHolds(address netip.AddrPort) (Holder, error) {
	fd, err := unix.Socket(Domain(address), unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return "", err
	}
	defer unix.Close(fd)
	err = unix.Bind(fd, Sockaddr(address))
	if err == unix.EADDRINUSE {
		return Listener, nil
	}
	return Nobody, err
}
