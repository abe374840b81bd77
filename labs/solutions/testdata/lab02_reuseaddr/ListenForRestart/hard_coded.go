// Mistake: a number is returned, and nothing is opened.
// Says: what is returned is no socket
package exercise

import "net/netip"

func ListenForRestart(address netip.AddrPort) (fd int, err error) {
	return 0, nil
}
