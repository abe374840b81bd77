package exercise_test

import (
	"net"
	"net/netip"
	"os"
	"strings"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"socketlabs/harness/grading"
	"socketlabs/harness/kernel"
	"socketlabs/harness/peer"
	"socketlabs/harness/refuse"
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

// dialMapped connects an IPv6 socket to an IPv4 address, written as an IPv6 address.
var dialMapped = grading.Export("an IPv6 socket", func(to netip.AddrPort) grading.Conn {
	fd, err := unix.Socket(unix.AF_INET6, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err == nil {
		err = unix.Connect(fd, &unix.SockaddrInet6{Port: int(to.Port()), Addr: to.Addr().As16()})
	}
	if err != nil {
		panic(err)
	}
	file := os.NewFile(uintptr(fd), "")
	defer file.Close()
	conn, err := net.FileConn(file)
	if err != nil {
		panic(err)
	}
	return grading.KeepConn(conn)
})

// closedBehind reports whether code has closed the number of conn's descriptor, without conn. Package net closes it again, later.
func closedBehind(conn *net.TCPConn) (closed bool) {
	raw, err := conn.SyscallConn()
	if err != nil {
		return false
	}
	raw.Control(func(fd uintptr) { // fails if conn is closed
		_, err := unix.FcntlInt(fd, unix.F_GETFD, 0)
		closed = err == unix.EBADF
	})
	return closed
}

// closesOthers calls the function in a goroutine. Each time that this goroutine is about to close a descriptor, and after the call,
// closesOthers opens some others. If code closes a descriptor twice, the number then belongs to one of them. The second time can
// be a garbage collection. closesOthers reports whether one of them was closed.
func closesOthers(call func()) (closed bool) {
	var opened []int
	open := func() {
		for range 8 {
			if fd, err := unix.Eventfd(0, unix.EFD_CLOEXEC); err == nil {
				opened = append(opened, fd)
			}
		}
	}
	concurrently(1, func(int) {
		end, err := refuse.Interrupt(open, refuse.Close(0))
		if err == nil { // otherwise, this machine can't show it
			defer end()
		}
		call()
	})
	open()
	grading.CollectGarbage(2)
	for _, fd := range opened {
		closed = unix.Close(fd) != nil || closed
	}
	return closed
}
