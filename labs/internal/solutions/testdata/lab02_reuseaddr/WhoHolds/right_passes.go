package exercise

import (
	"net/netip"
	"slices"

	"socketlabs/harness/kernel"
)

// WhoHolds goes through the table once for each answer. It takes no other socket's word: what is not LISTEN and not
// TIME_WAIT is a connection, whatever its name.
func WhoHolds(address netip.AddrPort) (Holder, error) {
	table, err := SocketTable()
	if err != nil {
		return "", err
	}
	ip := address.Addr().Unmap()
	table = slices.DeleteFunc(table, func(s kernel.Socket) bool {
		at := s.Local.Addr()
		here := at == ip || at == netip.IPv6Unspecified() || at == netip.IPv4Unspecified() && ip.Is4()
		return !here || s.Local.Port() != address.Port()
	})
	is := func(state kernel.SocketState) func(kernel.Socket) bool {
		return func(s kernel.Socket) bool { return s.State == state }
	}
	if slices.ContainsFunc(table, is(kernel.Listening)) {
		return Listener, nil
	}
	rest := len(table)
	table = slices.DeleteFunc(table, is(kernel.TimeWait))
	switch {
	case len(table) > 0:
		return OpenConnection, nil
	case rest > 0:
		return TimeWait, nil
	}
	return Nobody, nil
}
