package lab02_reuseaddr

import (
	"fmt"
	"net"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"socketlabs/harness"
	"socketlabs/harness/kernel"
	"socketlabs/harness/peer"
)

// TestReusePortSpreadsConnections: with SO_REUSEPORT on all of them, several sockets of one user listen on one
// port, and on Linux each gets a part of the connections; a socket without the option can't join.
//
// Claim: R7.
// Verdict: holds for SO_REUSEADDR alone; with SO_REUSEPORT on all of them, any number can listen.
func TestReusePortSpreadsConnections(t *testing.T) {
	x := harness.Start(t, kernel.SocketTable)
	const (
		listeners   = 3
		connections = 120 // so many that a listener gets none about once in 10²⁰ runs
	)
	var sharing net.ListenConfig
	sharing.Control = func(_, _ string, conn syscall.RawConn) (err error) {
		conn.Control(func(fd uintptr) {
			err = unix.SetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_REUSEPORT, 1)
		})
		return err
	}

	x.Step("%d servers listen on one port, with SO_REUSEPORT; one more without it", listeners)
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
		assert.Positive(t, served, "listener %d", name)
	}
}

// tellName sends every client the name of the listener that it has come to, until that is closed.
func tellName(listener net.Listener, name byte) error {
	for {
		conn, err := listener.Accept()
		if err != nil {
			return err
		}
		conn.Write([]byte{name}) // the client says if it did not arrive
		conn.Close()
	}
}

// TestClosedListenerTakesItsQueueAlong: connections that wait at one of several SO_REUSEPORT listeners are reset
// when that listener is closed, unless tcp_migrate_req is 1 (Linux 5.14 and later): then another listener gets
// them.
//
// Claim: Beyond the chapter.
//
// Predict: two sockets listen on one port; the first is closed while a connection waits there; what becomes of it?
//   - [ ] it is given to the second
//   - [x] it is reset
//   - [ ] it waits until the client gives up
func TestClosedListenerTakesItsQueueAlong(t *testing.T) {
	x := harness.Start(t, kernel.SocketTable, kernel.Proc)
	require.Equal(t, "0", kernel.SystemSetting(x, "ipv4/tcp_migrate_req"), "with 1, the second listener gets the connection")
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

	x.Step("the first stops listening")
	require.NoError(t, unix.Shutdown(first, unix.SHUT_RDWR))
	_, err := waiting.Read(make([]byte, 1))
	x.Outcome(harness.Client, "Read: %v", err)
	assert.ErrorIs(t, err, syscall.ECONNRESET)

	x.Step("the next client gets to the second")
	peer.DialNoKeepalive(x, address)
	conn, _, err := unix.Accept4(second, unix.SOCK_CLOEXEC)
	x.Outcome(harness.Server, "accept: %v", err)
	require.NoError(t, err)
	x.OwnFD(conn)
}
