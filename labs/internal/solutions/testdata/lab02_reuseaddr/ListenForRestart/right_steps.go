package exercise

import (
	"errors"
	"fmt"
	"net/netip"
	"syscall"

	"golang.org/x/sys/unix"
)

// ListenForRestart goes through a list of steps, and tries none of them twice. It sets close-on-exec as one did
// before SOCK_CLOEXEC: no program may be started between the two.
func ListenForRestart(address netip.AddrPort) (int, error) {
	syscall.ForkLock.RLock()
	fd, err := unix.Socket(Domain(address), unix.SOCK_STREAM, 0)
	if err == nil {
		unix.CloseOnExec(fd)
	}
	syscall.ForkLock.RUnlock()
	if err != nil {
		return 0, err
	}
	steps := []func() error{
		func() error { return unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_REUSEADDR, 1) },
		func() error { return unix.Bind(fd, Sockaddr(address)) },
		func() error { return unix.Listen(fd, 128) },
	}
	for i, step := range steps {
		if err := step(); err != nil {
			return 0, errors.Join(fmt.Errorf("step %d: %w", i, err), unix.Close(fd))
		}
	}
	return fd, nil
}
