package exercise

import (
	"net"
	"net/netip"

	"golang.org/x/sys/unix"
)

// ListenForRestart lets package net make the calls. It asks for SO_REUSEADDR, too, and for MPTCP, whose sockets serve clients
// of TCP. The descriptor is a copy: the listener's own is closed with it.
func ListenForRestart(address netip.AddrPort) (fd int, err error) {
	listener, err := net.ListenTCP("tcp", net.TCPAddrFromAddrPort(address))
	if err != nil {
		return -1, err
	}
	defer listener.Close()
	raw, err := listener.SyscallConn()
	if err != nil {
		return -1, err
	}
	var failed error
	err = raw.Control(func(own uintptr) { fd, failed = unix.FcntlInt(own, unix.F_DUPFD_CLOEXEC, 0) })
	if err == nil {
		err = failed
	}
	return fd, err
}
