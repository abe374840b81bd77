package kernel

import (
	"errors"
	"net/netip"
)

// AllSockets is the whole of the kernel's table of TCP sockets, for both address families. An address
// of IPv4 is written as such also where a socket of IPv6 has it.
func AllSockets() ([]Socket, error) {
	all := func(Socket) bool { return true }
	ipv4, err4 := socketTable(netip.IPv4Unspecified(), all)
	ipv6, err6 := socketTable(netip.IPv6Unspecified(), all)
	return append(ipv4, ipv6...), errors.Join(err4, err6)
}
