package peer

import (
	"golang.org/x/sys/unix"

	"socketlabs/harness"
)

// isFree binds to the wildcards of both families without SO_REUSEADDR: this fails if any socket has the port on any address,
// or if a connection on the port is in TIME_WAIT. Nobody can connect meanwhile, because the socket does not listen.
func isFree(port uint16) bool {
	return canBind(unix.AF_INET, &unix.SockaddrInet4{Port: int(port)}) && canBind(unix.AF_INET6, &unix.SockaddrInet6{Port: int(port)})
}

func canBind(domain int, wildcard unix.Sockaddr) bool {
	fd, err := unix.Socket(domain, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, unix.IPPROTO_TCP)
	if err != nil {
		return true // the system may lack a family
	}
	err = unix.Bind(fd, wildcard)
	harness.CloseEverywhere(func() error { return unix.Close(fd) })
	return err != unix.EADDRINUSE
}
