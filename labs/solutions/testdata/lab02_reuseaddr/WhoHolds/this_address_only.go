// Mistake: it looks for the very address only.
// Says: a listener on every address is overlooked
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

		if s.Local != address {
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
