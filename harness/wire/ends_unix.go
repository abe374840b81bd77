//go:build unix

package wire

import (
	"net/netip"
	"syscall"

	"socketlabs/harness/internal/socket"
)

// ends are the addresses of a raw socket; what it does not have is invalid.
func ends(fd int) (local, remote netip.AddrPort) { return socket.Ends(fd) }

// endsOf are those of a connection, or of a listener.
func endsOf(conn syscall.Conn) (local, remote netip.AddrPort) {
	socket.OnDescriptor(conn, func(fd int) error { // of a socket that is closed there are none
		local, remote = socket.Ends(fd)
		return nil
	})
	return local, remote
}
