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

// SocketTable is the kernel's table of TCP sockets, as ss -tan prints it: an entry for each listener,
// and one for each end of each connection, which has this end's address in Local and the other's in
// Remote. Both families are in it; an IPv4 address is written as such, even if an IPv6 socket
// has it.
func SocketTable() ([]kernel.Socket, error) { return readTable() }

// readTable reads the table. The grader has tables of its own in its place, as other machines have them.
var readTable = kernel.AllSockets
