package harness

import (
	"net/netip"

	"socketlabs/harness/internal/system"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"
)

// Domain is the address family of the experiments, for socket(2): AF_INET, or AF_INET6 with
// LABS_IP=6.
func Domain() int {
	if system.IPv6() {
		return unix.AF_INET6
	}
	return unix.AF_INET
}

// Sockaddr converts an address, as Listen or a peer returned it, to the form that the system calls of
// package unix take. A call writes to its Sockaddr, so two calls that may run at the same time need one each.
func (x *Experiment) Sockaddr(address string) unix.Sockaddr {
	x.t.Helper()
	at, err := netip.ParseAddrPort(address)
	require.NoError(x.t, err)
	if at.Addr().Is6() {
		return &unix.SockaddrInet6{Port: int(at.Port()), Addr: at.Addr().As16()}
	}
	return &unix.SockaddrInet4{Port: int(at.Port()), Addr: at.Addr().As4()}
}

// OwnFD makes the experiment close a socket that the test has opened with socket(2). A shutdown before
// the close frees a call that is blocked on the socket; a close alone would not.
func (x *Experiment) OwnFD(fd int) {
	if x.witness != nil {
		x.witness.OpenedFD(fd)
	}
	x.AtEnd(func() {
		unix.SetsockoptLinger(fd, unix.SOL_SOCKET, unix.SO_LINGER, &unix.Linger{Onoff: 1, Linger: 0})
		unix.Shutdown(fd, unix.SHUT_RDWR)
		unix.Close(fd)
	})
}
