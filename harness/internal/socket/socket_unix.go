//go:build unix

// Package socket makes system calls on a socket's descriptor.
package socket

import (
	"net/netip"
	"syscall"

	"golang.org/x/sys/unix"
)

// OnDescriptor makes a system call on a connection's descriptor.
func OnDescriptor(conn syscall.Conn, call func(fd int) error) error {
	raw, err := conn.SyscallConn()
	if err != nil {
		return err
	}
	var failed error
	if err := raw.Control(func(fd uintptr) { failed = call(int(fd)) }); err != nil {
		return err
	}
	return failed
}

// Ends asks the kernel for a socket's addresses. An address that the socket does not have is returned as invalid.
func Ends(fd int) (local, remote netip.AddrPort) {
	if at, err := unix.Getsockname(fd); err == nil {
		local = AddrPort(at)
	}
	if at, err := unix.Getpeername(fd); err == nil {
		remote = AddrPort(at)
	}
	return local, remote
}

// AddrPort converts a socket's address to Go's type. The result is invalid if the address is not an IP address.
func AddrPort(at unix.Sockaddr) netip.AddrPort {
	switch at := at.(type) {
	case *unix.SockaddrInet4:
		return netip.AddrPortFrom(netip.AddrFrom4(at.Addr), uint16(at.Port))
	case *unix.SockaddrInet6:
		return netip.AddrPortFrom(netip.AddrFrom16(at.Addr).Unmap(), uint16(at.Port))
	}
	return netip.AddrPort{}
}
