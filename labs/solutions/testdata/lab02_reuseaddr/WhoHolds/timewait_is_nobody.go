// Mistake: TIME_WAIT is nobody, since no program has it.
// Says: TIME_WAIT is overlooked
package exercise

import (
	"net/netip"

	"socketlabs/harness"
)

func WhoHolds(address netip.AddrPort) (Holder, error) {
	table, err := SocketTable()
	if err != nil {
		return "", err
	}
	holder := Nobody
	for _, s := range table {

		everywhere := s.Local.Addr().IsUnspecified() && s.Local.Port() == address.Port()
		if s.Local != address && !everywhere {
			continue
		}
		switch s.State {
		case harness.Listening:
			return Listener, nil
		case harness.TimeWait:
		default:
			holder = OpenConnection
		}
	}
	return holder, nil
}
