package lab02_reuseaddr

import (
	"fmt"
	"net"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"socketlabs/harness"
	"socketlabs/harness/kernel"
	"socketlabs/harness/peer"
)

// leftover is what the previous program on the port has left behind.
type leftover string

const (
	serversTimeWait leftover = "TIME_WAIT of a server"           // its accepted connection, which it closed first
	clientsTimeWait leftover = "TIME_WAIT of a client"           // the client had bound the port before it connected
	liveConnection  leftover = "live connection"                 // accepted, and not closed; the listener is gone
	halfClosed      leftover = "connection closed by the client" // the server has not closed it: CLOSE_WAIT
)

// takeover is a row of the table: an old socket on a port, and the results of bind and listen on a new socket.
type takeover struct {
	left         leftover
	old, new     option
	bind, listen result
}

// The options with which a new listener can bind a port that an old socket still has: the two sockets must have one of
// the options in common.
var takeovers = []takeover{
	{left: serversTimeWait, old: none, new: none, bind: inUse, listen: notCalled},
	{left: serversTimeWait, old: none, new: reuseAddr, bind: inUse, listen: notCalled},
	{left: serversTimeWait, old: none, new: reusePort, bind: inUse, listen: notCalled},
	{left: serversTimeWait, old: reuseAddr, new: none, bind: inUse, listen: notCalled},
	{left: serversTimeWait, old: reuseAddr, new: reuseAddr, bind: ok, listen: ok},
	{left: serversTimeWait, old: reuseAddr, new: reusePort, bind: inUse, listen: notCalled},
	{left: serversTimeWait, old: reusePort, new: none, bind: inUse, listen: notCalled},
	{left: serversTimeWait, old: reusePort, new: reuseAddr, bind: inUse, listen: notCalled},
	{left: serversTimeWait, old: reusePort, new: reusePort, bind: ok, listen: ok},
	{left: serversTimeWait, old: none, new: both, bind: inUse, listen: notCalled},
	{left: serversTimeWait, old: reuseAddr, new: both, bind: ok, listen: ok},
	{left: serversTimeWait, old: reusePort, new: both, bind: ok, listen: ok},
	{left: serversTimeWait, old: both, new: none, bind: inUse, listen: notCalled},
	{left: serversTimeWait, old: both, new: reuseAddr, bind: ok, listen: ok},
	{left: serversTimeWait, old: both, new: reusePort, bind: ok, listen: ok},
	{left: serversTimeWait, old: both, new: both, bind: ok, listen: ok},

	{left: clientsTimeWait, old: none, new: none, bind: inUse, listen: notCalled},
	{left: clientsTimeWait, old: none, new: reuseAddr, bind: inUse, listen: notCalled},
	{left: clientsTimeWait, old: none, new: reusePort, bind: inUse, listen: notCalled},
	{left: clientsTimeWait, old: reuseAddr, new: none, bind: inUse, listen: notCalled},
	{left: clientsTimeWait, old: reuseAddr, new: reuseAddr, bind: ok, listen: ok},
	{left: clientsTimeWait, old: reuseAddr, new: reusePort, bind: inUse, listen: notCalled},
	{left: clientsTimeWait, old: reusePort, new: none, bind: inUse, listen: notCalled},
	{left: clientsTimeWait, old: reusePort, new: reuseAddr, bind: inUse, listen: notCalled},
	{left: clientsTimeWait, old: reusePort, new: reusePort, bind: ok, listen: ok},

	{left: liveConnection, old: none, new: none, bind: inUse, listen: notCalled},
	{left: liveConnection, old: none, new: reuseAddr, bind: inUse, listen: notCalled},
	{left: liveConnection, old: none, new: reusePort, bind: inUse, listen: notCalled},
	{left: liveConnection, old: reuseAddr, new: none, bind: inUse, listen: notCalled},
	{left: liveConnection, old: reuseAddr, new: reuseAddr, bind: ok, listen: ok},
	{left: liveConnection, old: reuseAddr, new: reusePort, bind: inUse, listen: notCalled},
	{left: liveConnection, old: reusePort, new: none, bind: inUse, listen: notCalled},
	{left: liveConnection, old: reusePort, new: reuseAddr, bind: inUse, listen: notCalled},
	{left: liveConnection, old: reusePort, new: reusePort, bind: ok, listen: ok},

	{left: halfClosed, old: none, new: reuseAddr, bind: inUse, listen: notCalled},
	{left: halfClosed, old: reuseAddr, new: none, bind: inUse, listen: notCalled},
	{left: halfClosed, old: reuseAddr, new: reuseAddr, bind: ok, listen: ok},
}

// TestOldAndNewSocketNeedTheSameOption: a new server can bind a port on which an old program has left a connection, in
// TIME_WAIT or still open, if the old and the new socket both have SO_REUSEADDR, or both have SO_REUSEPORT. Otherwise,
// bind fails. A socket with both options works with a socket that has either one.
//
// Claim: R5.
// Verdict: holds if the old socket had the option as well; SO_REUSEPORT on both does the same.
func TestOldAndNewSocketNeedTheSameOption(t *testing.T) {
	t.Parallel()
	for _, row := range takeovers {
		t.Run(fmt.Sprintf("%s/old %v/new %v", row.left, row.old, row.new), func(t *testing.T) {
			x := harness.Start(t, kernel.SocketTable)
			address := leave(t, x, row)

			x.Step("a new server binds %s", address)
			fd := open(t, x)
			require.NoError(t, row.new.set(fd))
			got := row
			got.bind, got.listen = resultOf(unix.Bind(fd, x.Sockaddr(address))), notCalled
			if got.bind == ok {
				got.listen = resultOf(unix.Listen(fd, 1))
			}
			x.Outcome(harness.Server, "bind: %s, listen: %s", got.bind, got.listen)
			assert.Empty(t, cmp.Diff(row, got, cmp.AllowUnexported(takeover{})), "results of the new socket's bind and listen (-want +got)")
		})
	}
}

// leave plays an old program: it uses a port, with the option row.old, and leaves row.left behind on that port. It returns
// the address.
func leave(t *testing.T, x *harness.Experiment, row takeover) (address string) {
	setOption := func(_, _ string, conn syscall.RawConn) (err error) {
		conn.Control(func(fd uintptr) { err = row.old.set(int(fd)) })
		return err
	}
	if row.left == clientsTimeWait {
		return leaveClientsTimeWait(t, x, setOption)
	}
	config := net.ListenConfig{Control: setOption}
	listener, err := config.Listen(t.Context(), "tcp", harness.Loopback())
	require.NoError(t, err)
	x.Own(listener)

	x.Step("an old server, with the option %v, is gone, and has left behind: %s", row.old, row.left)
	if row.left == serversTimeWait {
		return leaveTimeWait(t, x, listener.(*net.TCPListener))
	}
	address = listener.Addr().String()
	client, _ := connect(t, x, listener.(*net.TCPListener))
	require.NoError(t, listener.Close())
	kernel.AwaitSockets(x, address, kernel.Established)
	if row.left == halfClosed {
		require.NoError(t, client.Close())
		kernel.AwaitSockets(x, address, kernel.CloseWait)
	}
	return address
}

func leaveClientsTimeWait(t *testing.T, x *harness.Experiment, setOption func(_, _ string, conn syscall.RawConn) error) (address string) {
	own, err := net.ResolveTCPAddr("tcp", harness.Loopback())
	require.NoError(t, err)
	listener := peer.ListenNoKeepalive(x)
	dialer := net.Dialer{LocalAddr: own, Control: setOption}
	x.Step("an old client, bound to its port, closes first")
	for {
		client, err := dialer.Dial("tcp", listener.Addr().String())
		require.NoError(t, err)
		x.Own(client)
		server, err := listener.AcceptTCP()
		require.NoError(t, err)
		x.Own(server)
		closeInTurn(t, client.(*net.TCPConn), server)
		if inTimeWait(x, client.(*net.TCPConn)) {
			return client.LocalAddr().String()
		}
	}
}

// TestTimeWaitIsOnOneAddress: a server that listened on all addresses leaves TIME_WAIT only on the address to which its
// client had connected. Without SO_REUSEADDR, the same port can be bound on the server's other addresses, but neither on
// the address with TIME_WAIT nor on the wildcard address.
//
// Claim: R2.
// Verdict: holds for the address that the connection had; the server's other addresses are free, although the server
// had bound the wildcard.
//
// Predict: a server on 0.0.0.0 is gone, and its connection on 127.0.0.1 is in TIME_WAIT; where can its port be bound without SO_REUSEADDR?
//   - [ ] on 0.0.0.0 and on 127.0.0.2
//   - [x] on 127.0.0.2, and not on 0.0.0.0
//   - [ ] on neither
func TestTimeWaitIsOnOneAddress(t *testing.T) {
	x := harness.Start(t, kernel.SocketTable)
	network, one, all := "tcp4", "127.0.0.1", "0.0.0.0" // with "tcp", Go treats 0.0.0.0 as the wildcard of both families
	if harness.Domain() == unix.AF_INET6 {
		network, one, all = "tcp6", "::1", "::"
	}
	listener, err := net.Listen(network, net.JoinHostPort(all, "0"))
	require.NoError(t, err)
	x.Own(listener)
	_, port, err := net.SplitHostPort(listener.Addr().String())
	require.NoError(t, err)
	address := net.JoinHostPort(one, port)

	x.Step("a server on all addresses serves a client at %s, closes first, and is gone", address)
	for done := false; !done; {
		client := peer.DialNoKeepalive(x, address)
		server, err := listener.Accept()
		require.NoError(t, err)
		closeInTurn(t, server.(*net.TCPConn), client)
		done = inTimeWait(x, server.(*net.TCPConn))
	}
	require.NoError(t, harness.CloseEverywhere(listener.Close))
	kernel.AwaitSockets(x, address, kernel.TimeWait)

	for _, new := range []struct {
		host   string
		option option
		want   result
	}{
		{one, none, inUse},
		{all, none, inUse},
		{anotherHost(), none, ok},
		{all, reuseAddr, ok},
	} {
		x.Step("a new server binds %s, with the option %v", new.host, new.option)
		fd, err := unix.Socket(harness.Domain(), unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
		require.NoError(t, err)
		require.NoError(t, new.option.set(fd))
		err = unix.Bind(fd, x.Sockaddr(net.JoinHostPort(new.host, port)))
		require.NoError(t, harness.CloseEverywhere(func() error { return unix.Close(fd) })) // otherwise this socket would disturb the next bind
		x.Outcome(harness.Server, "bind: %v", err)
		assert.Equal(t, new.want, resultOf(err), "result of bind to %s with the option %v", new.host, new.option)
	}
}
