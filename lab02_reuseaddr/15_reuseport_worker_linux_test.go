package lab02_reuseaddr

import (
	"net"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"socketlabs/harness"
	"socketlabs/harness/kernel"
	"socketlabs/harness/peer"
)

// TestHungReusePortWorkerKeepsItsShare: if one of several SO_REUSEPORT workers hangs, it still gets its share of the new
// connections: the kernel does not look at the length of a worker's queue. The clients of the worker that hangs get no
// answer.
//
// Claim: Beyond the chapter.
//
// Source: reuseport_select_sock() in the kernel's net/core/sock_reuseport.c: Linux chooses a listener by a hash of the
// connection's addresses and ports.
//
// Predict: two workers share a port with SO_REUSEPORT, and one of them hangs; what becomes of 40 clients that connect?
//   - [ ] the other worker gets all of them
//   - [x] about half of them connect, and get no answer
//   - [ ] about half of them are refused
func TestHungReusePortWorkerKeepsItsShare(t *testing.T) {
	x := harness.Start(t, kernel.SocketTable)
	const connections = 40 // enough: a worker gets none in about one of 10¹² runs
	sharing := net.ListenConfig{Control: sharePort}
	hung, err := sharing.Listen(t.Context(), "tcp", harness.Loopback())
	require.NoError(t, err)
	x.Own(hung)
	address := hung.Addr().String()
	working, err := sharing.Listen(t.Context(), "tcp", address)
	require.NoError(t, err)
	x.Own(working)

	x.Step("two workers listen on one port, and one of them hangs: it does not accept; %d clients connect", connections)
	clients := make(map[string]*net.TCPConn) // by local address: those that are not accepted yet
	for range connections {
		client := peer.DialNoKeepalive(x, address)
		clients[client.LocalAddr().String()] = client
	}
	established := slices.Repeat([]kernel.SocketState{kernel.Established}, connections)
	kernel.AwaitSockets(x, address, append(established, kernel.Listening, kernel.Listening)...)
	waiting := queued(t, hung)
	x.Outcome(harness.Server, "in the queue of the worker that hangs: %d; in the queue of the other: %d", waiting, queued(t, working))
	require.Equal(t, connections, waiting+queued(t, working), "all connections should be in the two queues: nobody has accepted yet")
	assert.Positive(t, waiting, "the worker that hangs should get its share")
	assert.Less(t, waiting, connections, "the other worker should get its share")

	x.Step("the other worker accepts and answers all that it has got; a client of the worker that hangs reads")
	for range connections - waiting {
		conn, err := working.Accept()
		require.NoError(t, err)
		x.Own(conn)
		_, err = conn.Write([]byte("!"))
		require.NoError(t, err)
		_, err = clients[conn.RemoteAddr().String()].Read(make([]byte, 1))
		assert.NoError(t, err)
		delete(clients, conn.RemoteAddr().String())
	}
	for _, client := range clients {
		x.Begin(harness.Client, "Read", func() error {
			_, err := client.Read(make([]byte, 1))
			return err
		}).AssertStillWaiting()
		break // one client is enough
	}
}

// queued is the number of connections that a listener has not accepted yet: Recv-Q, as ss(8) prints it.
func queued(t *testing.T, listener net.Listener) (connections int) {
	t.Helper()
	raw, err := listener.(*net.TCPListener).SyscallConn()
	require.NoError(t, err)
	require.NoError(t, raw.Control(func(fd uintptr) {
		info, err := unix.GetsockoptTCPInfo(int(fd), unix.IPPROTO_TCP, unix.TCP_INFO)
		require.NoError(t, err)
		connections = int(info.Unacked)
	}))
	return connections
}
