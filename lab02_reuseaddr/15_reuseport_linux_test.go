package lab02_reuseaddr

import (
	"fmt"
	"net"
	"sync"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"socketlabs/harness"
	"socketlabs/harness/kernel"
	"socketlabs/harness/peer"
)

// sharePort is a Control function: Go calls it between socket and bind. It sets SO_REUSEPORT.
func sharePort(_, _ string, conn syscall.RawConn) (err error) {
	conn.Control(func(fd uintptr) {
		err = unix.SetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_REUSEPORT, 1)
	})
	return err
}

// TestReusePortSpreadsConnections: several sockets of one user can listen on one port if all of them have SO_REUSEPORT,
// and on Linux each gets a share of the connections. A socket without the option can't join.
//
// Claim: R7.
// Verdict: holds for SO_REUSEADDR alone; any number of sockets can listen if all of them have SO_REUSEPORT.
//
// Source: inet_lookup_reuseport() in Linux: a hash of the connection's two addresses and ports chooses the socket.
func TestReusePortSpreadsConnections(t *testing.T) {
	x := harness.Start(t, kernel.SocketTable)
	const (
		listeners   = 3
		connections = 120 // enough: a listener gets none in about one of 10²⁰ runs
	)
	sharing := net.ListenConfig{Control: sharePort}

	x.Step("%d servers listen on one port, with SO_REUSEPORT; one more server tries to listen without it", listeners)
	address := harness.Loopback()
	for name := range byte(listeners) {
		listener, err := sharing.Listen(t.Context(), "tcp", address)
		require.NoError(t, err)
		x.Own(listener)
		address = listener.Addr().String()
		x.Begin(harness.Server, fmt.Sprintf("Accept, listener %d", name+1), func() error { return tellName(listener, name) })
	}
	kernel.AwaitSockets(x, address, kernel.Listening, kernel.Listening, kernel.Listening)
	_, err := net.Listen("tcp", address)
	x.Outcome(harness.Server, "Listen without SO_REUSEPORT: %v", err)
	assert.ErrorIs(t, err, syscall.EADDRINUSE)

	x.Step("%d clients connect, one after the other", connections)
	var got [listeners]int
	for range connections {
		client := peer.DialNoKeepalive(x, address)
		name := make([]byte, 1)
		_, err := client.Read(name)
		require.NoError(t, err)
		got[name[0]]++
		require.NoError(t, client.Close())
	}
	x.Outcome(harness.Client, "served by each: %v", got)
	for name, served := range got {
		assert.Positive(t, served, "listener %d should get a share of the connections", name+1)
	}
}

// tellName sends the listener's name to every client that the listener accepts, until the listener is closed.
func tellName(listener net.Listener, name byte) error {
	for {
		conn, err := listener.Accept()
		if err != nil {
			return err
		}
		conn.Write([]byte{name}) // if it doesn't arrive, the client fails the test
		conn.Close()
	}
}

// TestClosedListenerTakesItsQueueAlong: if tcp_migrate_req is 0 and one of several SO_REUSEPORT listeners is closed, the
// kernel resets the connections that wait in its accept queue.
//
// Claim: Beyond the chapter.
//
// Source: ip-sysctl: 0 is the default. TestQueueOfClosedListenerIsMigrated shows that with 1 (Linux 5.14 and later)
// another listener gets the connections.
//
// Predict: two SO_REUSEPORT sockets share a port; one is closed while a connection waits in its queue; what becomes of the connection?
//   - [ ] it is given to the other socket
//   - [x] it is reset
//   - [ ] it waits until the client gives up
func TestClosedListenerTakesItsQueueAlong(t *testing.T) {
	x := harness.Start(t, kernel.SocketTable, kernel.Proc)
	aloneWithMigrateReq(x)
	require.Equal(t, "0", kernel.SystemSetting(x, "ipv4/tcp_migrate_req"),
		"tcp_migrate_req should be 0: with 1, the second listener gets the connection")
	first, second := open(t, x), open(t, x)
	require.NoError(t, unix.SetsockoptInt(first, unix.SOL_SOCKET, unix.SO_REUSEPORT, 1))
	require.NoError(t, unix.SetsockoptInt(second, unix.SOL_SOCKET, unix.SO_REUSEPORT, 1))
	require.NoError(t, unix.Bind(first, x.Sockaddr(harness.Loopback())))
	address := addressOf(t, first)
	require.NoError(t, unix.Listen(first, 1))

	x.Step("a client connects; before it is accepted, a second socket listens on the port too")
	waiting := peer.DialNoKeepalive(x, address)
	kernel.AwaitSockets(x, address, kernel.Listening, kernel.Established)
	require.NoError(t, unix.Bind(second, x.Sockaddr(address)))
	require.NoError(t, unix.Listen(second, 1))

	x.Step("the first socket stops listening")
	require.NoError(t, unix.Shutdown(first, unix.SHUT_RDWR))
	_, err := waiting.Read(make([]byte, 1))
	x.Outcome(harness.Client, "Read: %v", err)
	assert.ErrorIs(t, err, syscall.ECONNRESET)

	x.Step("the next client gets to the second socket")
	peer.DialNoKeepalive(x, address)
	conn, _, err := unix.Accept4(second, unix.SOCK_CLOEXEC)
	x.Outcome(harness.Server, "accept: %v", err)
	require.NoError(t, err)
	x.OwnFD(conn)
}

// TestQueueOfClosedListenerIsMigrated: with tcp_migrate_req = 1, a connection in the accept queue of one of several
// SO_REUSEPORT listeners moves to another listener when its own listener is closed. The data that the client has sent
// moves with the connection.
//
// Claim: Beyond the chapter.
func TestQueueOfClosedListenerIsMigrated(t *testing.T) {
	x := harness.Start(t, kernel.SocketTable, kernel.SystemSettings)
	aloneWithMigrateReq(x)
	for _, migrates := range []string{"0", "1"} {
		kernel.SetSystemSetting(x, "ipv4/tcp_migrate_req", migrates) // for IPv6 too
		first, second := open(t, x), open(t, x)
		require.NoError(t, unix.SetsockoptInt(first, unix.SOL_SOCKET, unix.SO_REUSEPORT, 1))
		require.NoError(t, unix.SetsockoptInt(second, unix.SOL_SOCKET, unix.SO_REUSEPORT, 1))
		require.NoError(t, unix.Bind(first, x.Sockaddr(harness.Loopback())))
		address := addressOf(t, first)
		require.NoError(t, unix.Listen(first, 1))

		x.Step("a client connects, and asks; before it is accepted, a second socket listens too, and the first is closed")
		waiting := peer.DialNoKeepalive(x, address)
		_, err := waiting.Write([]byte("?"))
		require.NoError(t, err)
		kernel.AwaitSockets(x, address, kernel.Listening, kernel.Established)
		require.NoError(t, unix.Bind(second, x.Sockaddr(address)))
		require.NoError(t, unix.Listen(second, 1))
		require.NoError(t, unix.Shutdown(first, unix.SHUT_RDWR))
		if migrates == "0" {
			_, err := waiting.Read(make([]byte, 1))
			x.Outcome(harness.Client, "Read: %v", err)
			assert.ErrorIs(t, err, syscall.ECONNRESET)
			continue
		}
		kernel.AwaitSockets(x, address, kernel.Listening, kernel.Established)
		conn, _, err := unix.Accept4(second, unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC)
		require.NoError(t, err)
		x.OwnFD(conn)
		request := make([]byte, 1)
		_, err = unix.Read(conn, request)
		x.Outcome(harness.Server, "read, from the second listener's connection: %q, %v", request, err)
		assert.NoError(t, err)
		assert.Equal(t, "?", string(request))
	}
}

// migrateReq lets only one experiment at a time depend on tcp_migrate_req, or change it.
var migrateReq sync.Mutex

func aloneWithMigrateReq(x *harness.Experiment) {
	migrateReq.Lock()
	x.AtEnd(migrateReq.Unlock)
}

// TestSpecificAddressBeatsWildcard: if two listeners share a port with SO_REUSEPORT, one on the wildcard and one on a specific
// address, the listener on the specific address gets every connection to that address. The listener on the wildcard gets
// the others.
//
// Claim: Beyond the chapter.
//
// Predict: with SO_REUSEPORT, one server listens on 0.0.0.0, another on 127.0.0.1; 20 clients connect to 127.0.0.1; which server gets them?
//   - [ ] each about ten
//   - [ ] the one that listened first
//   - [x] the one on 127.0.0.1
//   - [ ] the one on 0.0.0.0
func TestSpecificAddressBeatsWildcard(t *testing.T) {
	x := harness.Start(t, harness.Linux)
	const connections = 20
	one, all, other := "127.0.0.1", "0.0.0.0", anotherHost()
	if harness.Domain() == unix.AF_INET6 {
		one, all = "::1", "::"
	}
	specific, wildcard := open(t, x), open(t, x)
	require.NoError(t, unix.SetsockoptInt(specific, unix.SOL_SOCKET, unix.SO_REUSEPORT, 1))
	require.NoError(t, unix.SetsockoptInt(wildcard, unix.SOL_SOCKET, unix.SO_REUSEPORT, 1))
	port := bindToFreePort(t, x, wildcard, all)
	require.NoError(t, unix.Listen(wildcard, connections))
	require.NoError(t, unix.Bind(specific, x.Sockaddr(net.JoinHostPort(one, port))))
	require.NoError(t, unix.Listen(specific, connections))
	gets := func(client string, listener int) {
		t.Helper()
		peer.DialNoKeepalive(x, net.JoinHostPort(client, port))
		require.NoError(t, unix.SetNonblock(listener, true)) // the connection is in this queue already, or another listener has it
		conn, _, err := unix.Accept4(listener, unix.SOCK_CLOEXEC)
		require.NoError(t, err, "this listener should have got the connection to %s", client)
		x.OwnFD(conn)
	}

	x.Step("one server listens on the wildcard, another on %s; %d clients connect there, and one to %s", one, connections, other)
	for range connections {
		gets(one, specific)
	}
	gets(other, wildcard)
	x.Outcome(harness.Server, "the specific address got %d connections of %d, the wildcard got the one to %s", connections, connections, other)

	x.Step("the server on %s stops listening", one)
	require.NoError(t, unix.Shutdown(specific, unix.SHUT_RDWR))
	gets(one, wildcard)
}
