package exercise_test

import (
	"net"
	"net/netip"
	"strings"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"socketlabs/harness/grading"
	"socketlabs/harness/kernel"
	"socketlabs/harness/peer"
)

// socketsAt are the entries of the kernel's table whose own end is at an address.
func socketsAt(g *grading.Grader, address netip.AddrPort) (at []kernel.Socket) {
	g.T().Helper()
	table, err := kernel.AllSockets()
	require.NoError(g.T(), err)
	for _, s := range table {
		if s.Local == address {
			at = append(at, s)
		}
	}
	return at
}

// stateAt is that of the entry at one end of a connection, if there is one. The socket may be one of either family: IPv6
// has IPv4's addresses, too.
func stateAt(g *grading.Grader, local, remote net.Addr) kernel.SocketState {
	g.T().Helper()
	for _, s := range socketsAt(g, unmapped(addressOf(local))) {
		if s.Remote == unmapped(addressOf(remote)) {
			return s.State
		}
	}
	return ""
}

// unmapped is an address of IPv4 as such.
func unmapped(a netip.AddrPort) netip.AddrPort { return netip.AddrPortFrom(a.Addr().Unmap(), a.Port()) }

func inWords(sockets []kernel.Socket) string {
	var lines []string
	for _, s := range sockets {
		lines = append(lines, s.String())
	}
	if lines == nil {
		return "nothing"
	}
	return strings.Join(lines, "; ")
}

// connect makes a client of a listener's, and gives both ends of the connection.
func connect(g *grading.Grader, listener *net.TCPListener) (client, server *net.TCPConn) {
	g.T().Helper()
	client = peer.DialNoKeepalive(g.Experiment, listener.Addr().String())
	server, err := listener.AcceptTCP()
	require.NoError(g.T(), err)
	g.Own(server)
	return client, server
}

func addressOf(a net.Addr) netip.AddrPort { return a.(*net.TCPAddr).AddrPort() }

// placeOf is an address of the kernel's as Go's.
func placeOf(at unix.Sockaddr) netip.AddrPort {
	switch a := at.(type) {
	case *unix.SockaddrInet4:
		return netip.AddrPortFrom(netip.AddrFrom4(a.Addr), uint16(a.Port))
	case *unix.SockaddrInet6:
		return netip.AddrPortFrom(netip.AddrFrom16(a.Addr), uint16(a.Port))
	}
	return netip.AddrPort{}
}

// eventually waits until something is so, but no longer than a grader does.
func eventually(so func() bool) bool {
	poll := time.NewTicker(5 * time.Millisecond)
	defer poll.Stop()
	for begun := time.Now(); time.Since(begun) < grading.Patience; <-poll.C {
		if so() {
			return true
		}
	}
	return so()
}
