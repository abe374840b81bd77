package exercise

import (
	"fmt"
	"net/netip"
	"sync"

	"golang.org/x/sys/unix"
)

// ListenForRestart makes all calls on another goroutine, and waits for it. Its socket is one of IPv6, which has the
// addresses of IPv4, too, and can have one before the machine has it.
func ListenForRestart(address netip.AddrPort) (fd int, err error) {
	var over sync.WaitGroup
	over.Go(func() { fd, err = listenForRestartHere(address) })
	over.Wait()
	return fd, err
}

func listenForRestartHere(address netip.AddrPort) (fd int, err error) {
	fd, err = unix.Socket(unix.AF_INET6, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return -1, fmt.Errorf("a socket: %w", err)
	}
	for _, option := range [][2]int{{unix.SOL_SOCKET, unix.SO_REUSEADDR}, {unix.SOL_IP, unix.IP_FREEBIND}} {
		if err = unix.SetsockoptInt(fd, option[0], option[1], 1); err != nil {
			break
		}
	}
	if err == nil {
		err = unix.Bind(fd, &unix.SockaddrInet6{Port: int(address.Port()), Addr: address.Addr().As16()})
	}
	if err == nil {
		err = unix.Listen(fd, 49)
	}
	if err != nil {
		unix.Close(fd)
		return fd, fmt.Errorf("a server at %v: %w", address, err)
	}
	return fd, nil
}
