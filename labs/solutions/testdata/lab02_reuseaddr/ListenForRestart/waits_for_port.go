// Mistake: it does without the option, and tries again until TIME_WAIT is over.
// Says: it tries again until the port is free
package exercise

import (
	"net/netip"
	"time"

	"golang.org/x/sys/unix"
)

func ListenForRestart(address netip.AddrPort) (fd int, err error) {
	for {
		fd, err = unix.Socket(Domain(address), unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
		if err != nil {
			return -1, err
		}
		err = unix.Bind(fd, Sockaddr(address))
		if err == nil {
			return fd, unix.Listen(fd, unix.SOMAXCONN)
		}
		unix.Close(fd)
		time.Sleep(time.Second)
	}
}
