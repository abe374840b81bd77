package lab02_reuseaddr

import (
	"net"
	"net/netip"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"socketlabs/harness"
	"socketlabs/harness/kernel"
	"socketlabs/harness/peer"
)

// TestClientTakesPortOfServer: when the kernel has chosen a server's port as a client's local port, the server can't listen
// there: Listen fails with EADDRINUSE, in spite of SO_REUSEADDR, until the client's connection is gone.
//
// Claim: R5.
// Verdict: holds if the socket that has the port has the option too; by default, a client's socket does not have it.
//
// Predict: a server with SO_REUSEADDR wants to listen on the local port of a connected client; what happens?
//   - [ ] it listens: the client does not listen there
//   - [ ] bind succeeds, and listen fails with EADDRINUSE
//   - [x] bind fails with EADDRINUSE
func TestClientTakesPortOfServer(t *testing.T) {
	x := harness.Start(t, kernel.SocketTable)
	elsewhere, err := net.ResolveTCPAddr("tcp", peer.Silent(x))
	require.NoError(t, err)

	x.Step("a server wants to listen on the port that the kernel has chosen for a client")
	chosen := peer.DialNoKeepalive(x, elsewhere.String())
	_, err = net.Listen("tcp", chosen.LocalAddr().String()) // with SO_REUSEADDR
	x.Outcome(harness.Server, "Listen: %v", err)
	assert.ErrorIs(t, err, syscall.EADDRINUSE)
	kernel.AwaitConnection(x, chosen.LocalAddr().String(), elsewhere.String(), kernel.Established)

	x.Step("another client has a port that the kernel gives to nobody else, and closes with a reset")
	own, err := net.ResolveTCPAddr("tcp", peer.ReservedAddress(x))
	require.NoError(t, err)
	client, err := net.DialTCP("tcp", own, elsewhere)
	require.NoError(t, err)
	x.Own(client)
	_, err = net.Listen("tcp", own.String())
	x.Outcome(harness.Server, "Listen: %v", err)
	assert.ErrorIs(t, err, syscall.EADDRINUSE)
	require.NoError(t, client.SetLinger(0)) // no TIME_WAIT
	require.NoError(t, harness.CloseEverywhere(client.Close))
	again, err := net.Listen("tcp", own.String())
	x.Outcome(harness.Server, "Listen: %v", err)
	require.NoError(t, err)
	x.Own(again)
}

// TestReservedPortIsLeftToItsServer: connect never chooses a port that is in ip_local_reserved_ports, even when no other
// port is left. A server that names the port can bind it.
//
// Claim: Beyond the chapter.
func TestReservedPortIsLeftToItsServer(t *testing.T) {
	x := harness.Start(t, kernel.PortRanges, kernel.SystemSettings)
	client := peer.DialNoKeepalive(x, peer.Silent(x))
	_, port, err := net.SplitHostPort(client.LocalAddr().String())
	require.NoError(t, err)
	dialer := net.Dialer{Control: onlyFromPortOf(client)}

	x.Step("clients may use one port only; the port is not reserved")
	other, err := dialer.Dial("tcp", peer.Silent(x))
	x.Outcome(harness.Client, "Dial: %v", err)
	require.NoError(t, err)
	x.Own(other)

	x.Step("the port is reserved")
	kernel.SetSystemSetting(x, "ipv4/ip_local_reserved_ports", port) // for IPv6 too
	_, err = dialer.Dial("tcp", peer.Silent(x))
	x.Outcome(harness.Client, "Dial: %v", err)
	assert.ErrorIs(t, err, syscall.EADDRNOTAVAIL)
	server, err := net.Listen("tcp", net.JoinHostPort(anotherHost(), port)) // not on the clients' address, where they have the port
	x.Outcome(harness.Server, "Listen: %v", err)
	require.NoError(t, err)
	x.Own(server)
}

// TestConnectReachesItself: if nobody listens on a port of the client's own host, a client that connects to this port
// may also get this port as its local port. The client is then connected to itself: it reads what it has written, and
// the port's server can't listen there.
//
// Claim: Beyond the chapter.
//
// Predict: nobody listens on a port of the loopback; can connect succeed there?
//   - [ ] no: a reset answers its SYN
//   - [x] yes, from that same port
//   - [ ] yes, and the connection waits for a server
func TestConnectReachesItself(t *testing.T) {
	x := harness.StartAlone(t, kernel.PortRanges, kernel.SocketTable) // another client could take the free port
	port, address := freePortOfClients(t, x)
	fd := open(t, x)
	require.NoError(t, unix.SetsockoptInt(fd, unix.IPPROTO_IP, unix.IP_LOCAL_PORT_RANGE, port<<16|port))

	x.Step("a client connects to a port on which nobody listens, and has no other local port")
	err := unix.Connect(fd, x.Sockaddr(address))
	x.Outcome(harness.Client, "connect: %v", err)
	require.NoError(t, err)
	kernel.AwaitConnection(x, address, address, kernel.Established)
	_, err = unix.Write(fd, []byte("echo?"))
	require.NoError(t, err)
	heard := make([]byte, len("echo?"))
	n, err := unix.Read(fd, heard)
	x.Outcome(harness.Client, "read: %q, %v", heard[:n], err)
	require.NoError(t, err)
	assert.Equal(t, "echo?", string(heard[:n]))

	x.Step("the server of that port starts, with SO_REUSEADDR")
	_, err = net.Listen("tcp", address)
	x.Outcome(harness.Server, "Listen: %v", err)
	assert.ErrorIs(t, err, syscall.EADDRINUSE)
}

// TestGoDialerNoticesItself: if a Go client is connected to itself, Dial closes the connection and tries again. If no
// other local port is left, Dial fails with EADDRNOTAVAIL, because the closed connection on the only port is in
// TIME_WAIT.
//
// Claim: Beyond the chapter.
func TestGoDialerNoticesItself(t *testing.T) {
	x := harness.StartAlone(t, kernel.PortRanges, kernel.SocketTable) // another client could take the free port
	port, address := freePortOfClients(t, x)
	dialer := net.Dialer{Control: func(_, _ string, conn syscall.RawConn) (err error) {
		conn.Control(func(fd uintptr) {
			err = unix.SetsockoptInt(int(fd), unix.IPPROTO_IP, unix.IP_LOCAL_PORT_RANGE, port<<16|port)
		})
		return err
	}}

	x.Step("a client in Go dials a port on which nobody listens, and has no other local port")
	conn, err := dialer.Dial("tcp", address)
	x.Outcome(harness.Client, "Dial: %v", err)
	if err == nil {
		x.Own(conn)
	}
	assert.ErrorIs(t, err, syscall.EADDRNOTAVAIL)
	kernel.AwaitConnection(x, address, address, kernel.TimeWait)
}

// freePortOfClients returns a port that the kernel could choose for a client, and that no socket has, not even one in
// TIME_WAIT: without SO_REUSEADDR, bind to port 0 chooses such a port.
func freePortOfClients(t *testing.T, x *harness.Experiment) (port int, address string) {
	t.Helper()
	fd, err := unix.Socket(harness.Domain(), unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	require.NoError(t, err)
	require.NoError(t, unix.Bind(fd, x.Sockaddr(harness.Loopback())))
	address = addressOf(t, fd)
	require.NoError(t, harness.CloseEverywhere(func() error { return unix.Close(fd) }))
	return int(netip.MustParseAddrPort(address).Port()), address
}
