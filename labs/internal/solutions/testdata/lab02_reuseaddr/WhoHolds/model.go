package exercise

import (
	"net/netip"

	"socketlabs/harness/kernel"
)

// WhoHolds asks the kernel's table for what stands at the address itself, and lets a listener outweigh
// the rest, and a connection TIME_WAIT.
func WhoHolds(address netip.AddrPort) (Holder, error) {
	table, err := SocketTable()
	if err != nil {
		return "", err
	}
	holder := Nobody
	for _, s := range table {
		switch {
		case !whoHoldsCovers(s.Local, address):
		case s.State == kernel.Listening:
			return Listener, nil
		case s.State != kernel.TimeWait:
			holder = OpenConnection
		case holder == Nobody:
			holder = TimeWait
		}
	}
	return holder, nil
}

// whoHoldsCovers reports whether what stands at one address holds the port of the other.
func whoHoldsCovers(at, address netip.AddrPort) bool {
	asked := address.Addr().Unmap()
	everywhere := at.Addr().IsUnspecified() && (asked.Is4() || at.Addr().Is6())
	return at.Port() == address.Port() && (at.Addr() == asked || everywhere)
}
