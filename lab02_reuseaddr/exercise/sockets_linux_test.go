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

// socketsAt returns the entries of the kernel's table whose Local is the address.
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

// stateAt returns the state of a connection's entry at one of its ends, or "" if the table has no such entry. The addresses may
// come from an IPv6 socket that has an IPv4 connection: the table has the IPv4 addresses.
func stateAt(g *grading.Grader, local, remote net.Addr) kernel.SocketState {
	g.T().Helper()
	for _, s := range socketsAt(g, unmapped(addressOf(local))) {
		if s.Remote == unmapped(addressOf(remote)) {
			return s.State
		}
	}
	return ""
}

// unmapped converts an address such as ::ffff:127.0.0.1 into the IPv4 address 127.0.0.1. Other addresses stay as they are.
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

// connect connects a client to a listener, accepts the connection, and returns both of its ends.
func connect(g *grading.Grader, listener *net.TCPListener) (client, server *net.TCPConn) {
	g.T().Helper()
	client = peer.DialNoKeepalive(g.Experiment, listener.Addr().String())
	server, err := listener.AcceptTCP()
	require.NoError(g.T(), err)
	g.Own(server)
	return client, server
}

func addressOf(a net.Addr) netip.AddrPort { return a.(*net.TCPAddr).AddrPort() }

// fromSockaddr converts an address of a system call into a netip.AddrPort.
func fromSockaddr(at unix.Sockaddr) netip.AddrPort {
	switch a := at.(type) {
	case *unix.SockaddrInet4:
		return netip.AddrPortFrom(netip.AddrFrom4(a.Addr), uint16(a.Port))
	case *unix.SockaddrInet6:
		return netip.AddrPortFrom(netip.AddrFrom16(a.Addr), uint16(a.Port))
	}
	return netip.AddrPort{}
}

// eventually waits until so returns true, for at most grading.Patience, and returns the last result.
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
