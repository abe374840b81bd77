package exercise

import (
	"fmt"
	"net/netip"

	"socketlabs/harness/kernel"
)

// WhoHolds collects who is there, and then names the first of its list that is among them.
func WhoHolds(address netip.AddrPort) (Holder, error) {
	entries, err := SocketTable()
	if err != nil {
		return Nobody, fmt.Errorf("who holds %v: %w", address, err)
	}
	host := address.Addr()
	if host.Is4In6() {
		host = host.Unmap()
	}
	wildcards := map[netip.Addr]bool{netip.IPv6Unspecified(): true, netip.IPv4Unspecified(): host.Is4()}
	present := make(map[Holder]int)
	for _, entry := range entries {
		if entry.Local.Port() != address.Port() || entry.Local.Addr() != host && !wildcards[entry.Local.Addr()] {
			continue
		}
		kind := OpenConnection
		if entry.State == kernel.Listening {
			kind = Listener
		}
		if entry.State == kernel.TimeWait {
			kind = TimeWait
		}
		present[kind]++
	}
	for _, kind := range []Holder{Listener, OpenConnection, TimeWait} {
		if present[kind] > 0 {
			return kind, nil
		}
	}
	return Nobody, nil
}
