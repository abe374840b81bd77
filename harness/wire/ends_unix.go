//go:build unix

package wire

import (
	"net/netip"
	"syscall"

	"socketlabs/harness/internal/socket"
)

// ends returns the addresses of a socket. An address that the socket does not have is returned as invalid.
func ends(fd int) (local, remote netip.AddrPort) { return socket.Ends(fd) }

// endsOf returns the addresses of a connection, or of a listener.
func endsOf(conn syscall.Conn) (local, remote netip.AddrPort) {
	socket.OnDescriptor(conn, func(fd int) error { // a closed socket has none
		local, remote = socket.Ends(fd)
		return nil
	})
	return local, remote
}
