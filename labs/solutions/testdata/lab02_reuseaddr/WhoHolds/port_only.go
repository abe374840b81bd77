// Mistake: it looks at the port, and not at the address.
// Says: the listener of another address is taken for a listener
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

		if s.Local.Port() != address.Port() {
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
