package lab02_reuseaddr

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"socketlabs/harness"
	"socketlabs/harness/kernel"
	"socketlabs/harness/peer"
)

// How long a closed connection stays in TIME_WAIT: TCP_TIMEWAIT_LEN in the kernel's include/net/tcp.h.
const timeWait = 60 * time.Second

// option says which of SO_REUSEADDR and SO_REUSEPORT a test sets on a socket before bind.
type option int

const (
	none      option = 0
	reuseAddr option = 1
	reusePort option = 2
	both      option = reuseAddr | reusePort
)

func (o option) String() string {
	return map[option]string{none: "none", reuseAddr: "reuseaddr", reusePort: "reuseport", both: "both"}[o]
}

// set turns the options in o on, and the others off: on a listener that Go opens, SO_REUSEADDR is already on.
func (o option) set(fd int) error {
	return errors.Join(
		unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_REUSEADDR, int(o&reuseAddr)),
		unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_REUSEPORT, int(o&reusePort)))
}

// result is the result of a call, as the tables write it.
type result string

const (
	ok           result = "ok"
	inUse        result = "EADDRINUSE"
	notAvailable result = "EADDRNOTAVAIL"
	notCalled    result = "not called" // because the call before it failed
)

func resultOf(err error) result {
	switch {
	case err == nil:
		return ok
	case errors.Is(err, unix.EADDRINUSE):
		return inUse
	case errors.Is(err, unix.EADDRNOTAVAIL):
		return notAvailable
	default:
		return result(fmt.Sprint("unexpected: ", err))
	}
}

// reuseAddrOf reads SO_REUSEADDR back from a socket.
func reuseAddrOf(t *testing.T, socket syscall.Conn) (set int) {
	t.Helper()
	raw, err := socket.SyscallConn()
	require.NoError(t, err)
	require.NoError(t, raw.Control(func(fd uintptr) {
		set, err = unix.GetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_REUSEADDR)
	}))
	require.NoError(t, err)
	return set
}

// addressOf returns the address to which a socket is bound.
func addressOf(t *testing.T, fd int) string {
	t.Helper()
	name, err := unix.Getsockname(fd)
	require.NoError(t, err)
	switch at := name.(type) {
	case *unix.SockaddrInet4:
		return netip.AddrPortFrom(netip.AddrFrom4(at.Addr), uint16(at.Port)).String()
	case *unix.SockaddrInet6:
		return netip.AddrPortFrom(netip.AddrFrom16(at.Addr), uint16(at.Port)).String()
	}
	t.Fatalf("not a TCP address: %v", name)
	return ""
}

// open opens a TCP socket, and does nothing else to the socket. At its end, the experiment closes the socket.
func open(t *testing.T, x *harness.Experiment) (fd int) {
	t.Helper()
	fd, err := unix.Socket(harness.Domain(), unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	require.NoError(t, err)
	x.OwnFD(fd)
	return fd
}

// bindToFreePort binds fd to a port that no socket has on any address. So if another socket can't bind the port
// later, fd is the only reason, whatever address that socket asks for.
func bindToFreePort(t *testing.T, x *harness.Experiment, fd int, host string) (port string) {
	t.Helper()
	for {
		port = strconv.Itoa(int(peer.ReservedPort()))
		err := unix.Bind(fd, x.Sockaddr(net.JoinHostPort(host, port)))
		if !errors.Is(err, unix.EADDRINUSE) {
			require.NoError(t, err)
			return port
		}
	}
}

// anotherHost is a second loopback address. IPv6 has only one loopback address, so with IPv6 the second address is
// IPv4-mapped.
func anotherHost() string {
	if harness.Domain() == unix.AF_INET6 {
		return "::ffff:127.0.0.2"
	}
	return "127.0.0.2"
}

// onlyFromPortOf returns a Control function that leaves the kernel one local port to choose, the client's:
// IP_LOCAL_PORT_RANGE in ip(7). The lower 16 bits of the option's value are the lowest port, and the upper 16 bits are
// the highest port.
func onlyFromPortOf(client net.Conn) func(_, _ string, conn syscall.RawConn) error {
	port := client.LocalAddr().(*net.TCPAddr).Port
	return func(_, _ string, conn syscall.RawConn) (err error) {
		conn.Control(func(fd uintptr) {
			err = unix.SetsockoptInt(int(fd), unix.IPPROTO_IP, unix.IP_LOCAL_PORT_RANGE, port<<16|port)
		})
		return err
	}
}

// connect returns both ends of a new connection to the listener.
func connect(t *testing.T, x *harness.Experiment, listener *net.TCPListener) (client, server *net.TCPConn) {
	t.Helper()
	client = peer.DialNoKeepalive(x, listener.Addr().String())
	server, err := listener.AcceptTCP()
	require.NoError(t, err)
	x.Own(server)
	return client, server
}

func readEOF(t *testing.T, conn *net.TCPConn) {
	t.Helper()
	_, err := conn.Read(make([]byte, 1))
	require.ErrorIs(t, err, io.EOF)
}

func isClosed(i kernel.TCPInfo) bool { return i.State == kernel.Closed }

// closeInTurn closes a connection gracefully: one end closes first, and the other end closes when the FIN of the first has
// arrived.
func closeInTurn(t *testing.T, first, second *net.TCPConn) {
	t.Helper()
	require.NoError(t, first.Close())
	_, err := second.Read(make([]byte, 1))
	require.ErrorIs(t, err, io.EOF)
	require.NoError(t, second.Close())
}

// inTimeWait reports whether the end that closed first is in TIME_WAIT, according to the kernel's table of sockets.
func inTimeWait(x *harness.Experiment, first *net.TCPConn) bool {
	if kernel.InTimeWait(x, first.LocalAddr().String(), first.RemoteAddr().String()) {
		return true
	}
	x.Step("a late segment has ended TIME_WAIT, as happens on a busy machine: trying again")
	return false
}

// leaveTimeWait makes the server serve one client, close the connection first, and stop listening. It returns the
// server's address, where the only socket that is left is in TIME_WAIT.
func leaveTimeWait(t *testing.T, x *harness.Experiment, listener *net.TCPListener) (address string) {
	t.Helper()
	x.Step("a server serves a client, closes the connection first, and is gone")
	for done := false; !done; {
		client, server := connect(t, x, listener)
		closeInTurn(t, server, client)
		done = inTimeWait(x, server)
	}
	require.NoError(t, listener.Close())
	address = listener.Addr().String()
	kernel.AwaitSockets(x, address, kernel.TimeWait)
	return address
}

// kernelSecond is the current second on the kernel's clock. tcp_tw_reuse is on for the loopback: the kernel may
// assign the port of a connection in TIME_WAIT again, but not within the same second of this clock (ip-sysctl; tcp_twsk_unique()).
func kernelSecond(t *testing.T) int64 {
	t.Helper()
	var now unix.Timespec
	require.NoError(t, unix.ClockGettime(unix.CLOCK_MONOTONIC_COARSE, &now))
	return now.Nano() / int64(time.Second)
}

func read(t *testing.T, from net.Conn, n int) string {
	t.Helper()
	got := make([]byte, n)
	_, err := io.ReadFull(from, got)
	require.NoError(t, err)
	return string(got)
}
