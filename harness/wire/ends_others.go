//go:build !unix

package wire

import (
	"net/netip"
	"syscall"
)

func ends(int) (local, remote netip.AddrPort)            { return local, remote }
func endsOf(syscall.Conn) (local, remote netip.AddrPort) { return local, remote }
