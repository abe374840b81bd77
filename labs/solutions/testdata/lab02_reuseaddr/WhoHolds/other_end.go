// Mistake: it counts the other end of a connection as well.
// Says: the client's end, in TIME_WAIT, is taken for TIME_WAIT
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
		if s.Local != address && s.Remote != address && !everywhere {
			continue
		}
		switch s.State {
		case harness.Listening:
			return Listener, nil
		case harness.TimeWait:
			if holder == Nobody {
				holder = TimeWait
			}
		default:
			holder = OpenConnection
		}
	}
	return holder, nil
}
