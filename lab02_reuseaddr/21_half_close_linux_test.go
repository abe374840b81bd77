package lab02_reuseaddr

import (
	"io"
	"net"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"socketlabs/harness"
	"socketlabs/harness/kernel"
	"socketlabs/harness/link"
	"socketlabs/harness/peer"
)

// TestHalfCloseStillReceives: a client that closes its side with CloseWrite gets the whole answer that comes afterwards.
// If it calls Close instead, its kernel resets the connection when the answer comes.
//
// Claim: Beyond the chapter.
//
// Predict: a client asks, and calls Close; the server reads EOF, and writes its answer; what does the server's first Write return?
//   - [x] no error
//   - [ ] EPIPE
//   - [ ] ECONNRESET
func TestHalfCloseStillReceives(t *testing.T) {
	x := harness.Start(t, kernel.SocketTable)
	const answer = "all that you wanted to know"

	x.Step("a client ends its side with CloseWrite; the server answers")
	client, server := peer.PairNoKeepalive(x)
	require.NoError(t, client.CloseWrite())
	readEOF(t, server)
	kernel.AwaitSockets(x, server.LocalAddr().String(), kernel.CloseWait)
	kernel.AwaitConnection(x, client.LocalAddr().String(), server.LocalAddr().String(), kernel.FinWait2)
	_, err := io.WriteString(server, answer)
	require.NoError(t, err)
	require.NoError(t, server.Close())
	got, err := io.ReadAll(client)
	x.Outcome(harness.Client, "read %q, %v", got, err)
	require.NoError(t, err)
	assert.Equal(t, answer, string(got))

	x.Step("another client calls Close; the server reads EOF, too, and answers, twice")
	client, server = peer.PairNoKeepalive(x)
	require.NoError(t, client.Close())
	readEOF(t, server)
	kernel.AwaitSockets(x, server.LocalAddr().String(), kernel.CloseWait)
	_, err = io.WriteString(server, answer)
	x.Outcome(harness.Server, "first Write: %v", err)
	assert.NoError(t, err, "the first Write should succeed: the reset comes later")
	kernel.AwaitTCPInfo(x, harness.Server, server, isClosed)
	_, err = io.WriteString(server, answer)
	x.Outcome(harness.Server, "second Write: %v", err)
	assert.ErrorIs(t, err, unix.EPIPE)
}

// TestUnclosedConnectionsStayInCloseWait: if a server reads EOF and does not close, it keeps a descriptor and a socket
// in CLOSE_WAIT for each client that has closed. Without keepalive, the kernel never ends these sockets; only the server's
// Close does.
//
// Claim: K2.
// Verdict: holds even for clients that have closed: their connections stay in CLOSE_WAIT until the server closes.
//
// Source: here, a client calls CloseWrite, and Close only in FIN_WAIT2. If it called Close at once, and the ACK of its FIN
// arrived while close(2) still had the socket, its kernel would not forget the connection silently: it would send a reset when
// FIN_WAIT2 ends. See tcp_rcv_state_process() and tcp_keepalive_timer() in the kernel's net/ipv4.
//
// Predict: clients close; the server, without keepalive, reads EOF but never closes; when does the kernel end its CLOSE_WAIT sockets?
//   - [ ] after 60 s: tcp_fin_timeout
//   - [ ] when the clients' kernel has forgotten them
//   - [x] never
func TestUnclosedConnectionsStayInCloseWait(t *testing.T) {
	x := harness.Start(t, kernel.SocketTable, kernel.Proc)
	const clients = 3
	listener := peer.ListenNoKeepalive(x)
	address := listener.Addr().String()
	leaked := []kernel.SocketState{kernel.Listening}
	var servers []*net.TCPConn

	x.Step("%d clients call and close, by a FIN; the server reads EOF, and keeps the connections", clients)
	for range clients {
		client, server := connect(t, x, listener)
		endFinWait2At(t, client, 1)
		require.NoError(t, client.CloseWrite())
		kernel.AwaitTCPInfo(x, harness.Client, client, func(i kernel.TCPInfo) bool { return i.State == kernel.FinWait2 })
		require.NoError(t, client.Close())
		readEOF(t, server)
		servers, leaked = append(servers, server), append(leaked, kernel.CloseWait)
	}
	assert.Equal(t, clients, kernel.DescriptorsAt(x, address))

	x.Step("the clients' kernel has forgotten the connections")
	for _, server := range servers {
		kernel.AwaitConnection(x, server.RemoteAddr().String(), address)
	}
	for _, entry := range kernel.AwaitSockets(x, address, leaked...) {
		assert.Equal(t, kernel.NoTimer, entry.Timer, "no timer should end this connection: %v", entry)
	}
	assert.Equal(t, clients, kernel.DescriptorsAt(x, address))

	x.Step("the server closes them")
	for _, server := range servers {
		require.NoError(t, server.Close())
	}
	assert.Zero(t, kernel.DescriptorsAt(x, address))
}

// endFinWait2At sets how many seconds the kernel waits in FIN_WAIT2 for the peer's FIN before it forgets the connection.
// The default is a minute.
func endFinWait2At(t *testing.T, conn *net.TCPConn, seconds int) {
	t.Helper()
	raw, err := conn.SyscallConn()
	require.NoError(t, err)
	require.NoError(t, raw.Control(func(fd uintptr) {
		err = unix.SetsockoptInt(int(fd), unix.IPPROTO_TCP, unix.TCP_LINGER2, seconds)
	}))
	require.NoError(t, err)
}

// TestSimultaneousCloseLeavesTwoTimeWaits: when client and server both close before either has received the other's FIN,
// both sides go to TIME_WAIT, and neither port can be bound without SO_REUSEADDR.
//
// Claim: R2.
// Verdict: holds for both sides if each closes before it has received the other's FIN.
//
// Predict: client and server close at the same time, and the FINs cross on the wire; which side is in TIME_WAIT afterwards?
//   - [ ] the one whose FIN arrived last
//   - [x] both
//   - [ ] neither
func TestSimultaneousCloseLeavesTwoTimeWaits(t *testing.T) {
	x := harness.Start(t, link.VanishingPeers, kernel.SocketTable)
	client, server := peer.PairNoKeepalive(x)
	clientAddress, serverAddress := client.LocalAddr().String(), server.LocalAddr().String()

	x.Step("both ends close, and neither receives the other's FIN")
	link.Vanish(x, client)
	link.Vanish(x, server)
	require.NoError(t, client.CloseWrite())
	require.NoError(t, server.CloseWrite())
	kernel.AwaitConnection(x, clientAddress, serverAddress, kernel.FinWait1)
	kernel.AwaitConnection(x, serverAddress, clientAddress, kernel.FinWait1)

	x.Step("both receive again, and each retransmits its FIN")
	link.Return(x, client)
	link.Return(x, server)
	kernel.AwaitTCPInfo(x, harness.Client, client, isClosed)
	kernel.AwaitTCPInfo(x, harness.Server, server, isClosed)
	kernel.AwaitConnection(x, clientAddress, serverAddress, kernel.TimeWait)
	kernel.AwaitConnection(x, serverAddress, clientAddress, kernel.TimeWait)
	for _, address := range []string{clientAddress, serverAddress} {
		err := unix.Bind(open(t, x), x.Sockaddr(address))
		x.Outcome(harness.Server, "bind to %s: %v", address, err)
		assert.ErrorIs(t, err, unix.EADDRINUSE)
	}
}
