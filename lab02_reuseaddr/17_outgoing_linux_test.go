package lab02_reuseaddr

import (
	"net"
	"os"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"socketlabs/harness"
	"socketlabs/harness/kernel"
	"socketlabs/harness/peer"
)

// TestDialFromPortInTimeWait: while a connection on a local port is in TIME_WAIT, a client that binds this port fails at
// bind, before it sends anything. With SO_REUSEADDR, which Go does not set for dialers, bind succeeds if the old socket
// had the option, too.
//
// Claim: R1.
// Verdict: holds.
// Claim: R5.
// Verdict: holds if the old socket had the option too.
func TestDialFromPortInTimeWait(t *testing.T) {
	x := harness.Start(t, kernel.SocketTable)
	address := leaveTimeWait(t, x, peer.ListenNoKeepalive(x))
	own, err := net.ResolveTCPAddr("tcp", address)
	require.NoError(t, err)
	elsewhere := peer.Silent(x)

	x.Step("a client connects from %s to another server", address)
	dialer := net.Dialer{LocalAddr: own}
	_, err = dialer.Dial("tcp", elsewhere)
	x.Outcome(harness.Client, "Dial: %v", err)
	assert.ErrorIs(t, err, syscall.EADDRINUSE)
	var failed *os.SyscallError
	if assert.ErrorAs(t, err, &failed) {
		assert.Equal(t, "bind", failed.Syscall)
	}

	x.Step("the client sets SO_REUSEADDR before bind, in Control")
	dialer.Control = func(_, _ string, conn syscall.RawConn) (err error) {
		conn.Control(func(fd uintptr) {
			err = unix.SetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_REUSEADDR, 1)
		})
		return err
	}
	conn, err := dialer.Dial("tcp", elsewhere)
	x.Outcome(harness.Client, "Dial: %v", err)
	require.NoError(t, err)
	x.Own(conn)
	kernel.AwaitSockets(x, address, kernel.TimeWait, kernel.Established)
}

// TestClientRunsOutOfPorts: a client that lets connect choose its local port needs a different port for each connection
// to the same server. When no port is left, connect fails with EADDRNOTAVAIL, but can still use the same ports to reach
// another server. If the client binds its local address first, bind needs a port that no other connection has. When the
// server closes a connection first, the client's port is free for the next connection.
//
// Claim: Beyond the chapter.
func TestClientRunsOutOfPorts(t *testing.T) {
	x := harness.Start(t, kernel.SocketTable, kernel.PortRanges)
	listener, elsewhere := peer.ListenNoKeepalive(x), peer.ListenNoKeepalive(x)
	client, server := connect(t, x, listener)

	x.Step("clients may use one port only, and a client is connected from it: %v", client.LocalAddr())
	dialer := net.Dialer{Control: onlyFromPortOf(client)}
	_, err := dialer.Dial("tcp", listener.Addr().String())
	x.Outcome(harness.Client, "Dial, to the same server: %v", err)
	assert.ErrorIs(t, err, syscall.EADDRNOTAVAIL)

	other, err := dialer.Dial("tcp", elsewhere.Addr().String())
	x.Outcome(harness.Client, "Dial, to another server: %v", err)
	require.NoError(t, err)
	x.Own(other)
	assert.Equal(t, client.LocalAddr(), other.LocalAddr())

	x.Step("a client binds its address, without a port, before it connects to a third server")
	dialer.LocalAddr = &net.TCPAddr{IP: client.LocalAddr().(*net.TCPAddr).IP}
	_, err = dialer.Dial("tcp", peer.Silent(x))
	x.Outcome(harness.Client, "Dial: %v", err)
	var failed *os.SyscallError
	if assert.ErrorAs(t, err, &failed) {
		assert.Equal(t, "bind", failed.Syscall, "bind, not connect, should fail: bind needs a port for all destinations")
		assert.ErrorIs(t, failed, syscall.EADDRINUSE)
	}

	x.Step("the first server closes its connection, and then the client does; the next client dials that server")
	closeInTurn(t, server, client)
	kernel.AwaitConnection(x, client.LocalAddr().String(), listener.Addr().String()) // the client's end is gone
	next, err := (&net.Dialer{Control: onlyFromPortOf(client)}).Dial("tcp", listener.Addr().String())
	x.Outcome(harness.Client, "Dial: %v", err)
	require.NoError(t, err)
	x.Own(next)
	assert.Equal(t, client.LocalAddr(), next.LocalAddr())
}

// TestTimeWaitCostsClientAPort: when a client closes first, its end of the connection stays in TIME_WAIT, and the client
// can't connect from that port to the same server again at once. It can connect from that port to another server, if
// connect, and not bind, chooses the port.
//
// Claim: R2.
// Verdict: holds for the next connection to the same server; on the loopback, Linux lets connect use the port again after
// a second.
//
// Source: TestPortInTimeWaitIsReusedAfterASecond shows when connect can use the port again on the loopback.
func TestTimeWaitCostsClientAPort(t *testing.T) {
	x := harness.Start(t, kernel.SocketTable, kernel.PortRanges)
	for {
		listener, elsewhere := peer.ListenNoKeepalive(x), peer.ListenNoKeepalive(x)
		address := listener.Addr().String()
		client, server := connect(t, x, listener)
		dialer := net.Dialer{Control: onlyFromPortOf(client)}

		x.Step("a client closes first, and connects from the same port again")
		second := kernelSecond(t)
		closeInTurn(t, client, server)
		conn, err := dialer.Dial("tcp", address)
		x.Outcome(harness.Client, "Dial: %v", err)
		if err == nil {
			x.Own(conn)
		}
		if kernelSecond(t) != second {
			x.Step("a new second has begun, and so connect may use the port again: trying again")
			continue
		}
		if !inTimeWait(x, client) {
			continue
		}
		assert.ErrorIs(t, err, syscall.EADDRNOTAVAIL)

		other, err := dialer.Dial("tcp", elsewhere.Addr().String())
		x.Outcome(harness.Client, "Dial, to another server: %v", err)
		require.NoError(t, err)
		x.Own(other)
		return
	}
}
