// Mistake: it tries to listen; Go sets SO_REUSEADDR for that, and gets past all but a listener.
// Says: TIME_WAIT is overlooked
package exercise

import (
	"errors"
	"net"
	"net/netip"
	"syscall"
)

func WhoHolds(address netip.AddrPort) (Holder, error) {
	listener, err := net.Listen("tcp", address.String())
	if errors.Is(err, syscall.EADDRINUSE) {
		return Listener, nil
	}
	if err != nil {
		return "", err
	}
	return Nobody, listener.Close()
}
