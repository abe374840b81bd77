package exercise

import (
	"net/netip"

	"golang.org/x/sys/unix"

	"socketlabs/harness/kernel"
)

// Domain is the first argument of socket(2) for an address: AF_INET or AF_INET6.
func Domain(address netip.AddrPort) int {
	if address.Addr().Is6() {
		return unix.AF_INET6
	}
	return unix.AF_INET
}

// Sockaddr is an address as bind(2) takes it.
func Sockaddr(address netip.AddrPort) unix.Sockaddr {
	if address.Addr().Is6() {
		return &unix.SockaddrInet6{Port: int(address.Port()), Addr: address.Addr().As16()}
	}
	return &unix.SockaddrInet4{Port: int(address.Port()), Addr: address.Addr().As4()}
}

// Holder is what keeps a port busy.
type Holder string

const (
	Nobody         Holder = "nobody"
	Listener       Holder = "a listener"
	OpenConnection Holder = "an open connection"
	TimeWait       Holder = "TIME_WAIT"
)

// SocketTable returns the kernel's table of TCP sockets, as ss -tan prints it. The table has an entry for each listener, and
// one for each end of each connection: Local is the address of this end, and Remote is the address of the other end. The
// table has the sockets of both families. If an IPv6 socket has an IPv4 address, the entry has the IPv4 address, such as
// 127.0.0.1, not ::ffff:127.0.0.1.
func SocketTable() ([]kernel.Socket, error) { return readTable() }

// readTable reads the table. The grader sets it to functions that return tables of other machines.
var readTable = kernel.AllSockets
