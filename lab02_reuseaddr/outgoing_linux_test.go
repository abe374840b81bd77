package lab02_reuseaddr

import (
	"net"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"socketlabs/harness"
)

// TestDialFromPortInTimeWait: a client that asks for a local port which is in TIME_WAIT fails at bind,
// before anything is sent, and gets it with SO_REUSEADDR, which Go does not set for dialers.
//
// Claim: R1, R5: with the option, bind takes an address that is in TIME_WAIT.
// Verdict: holds.
func TestDialFromPortInTimeWait(t *testing.T) {
	x := harness.Start(t, harness.SocketTable)
	address := leaveTimeWait(t, x, x.ListenNoKeepalive())
	own, err := net.ResolveTCPAddr("tcp", address)
	require.NoError(t, err)
	elsewhere := x.SilentPeer()

	x.Step("a client connects from %s to another server", address)
	dialer := net.Dialer{LocalAddr: own}
	_, err = dialer.Dial("tcp", elsewhere)
	x.Outcome(harness.Client, "Dial: %v", err)
	assert.ErrorIs(t, err, syscall.EADDRINUSE)

	x.Step("it sets SO_REUSEADDR before, in Control")
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
	x.AwaitSockets(address, harness.TimeWait, harness.Established)
}

// TestClientRunsOutOfPorts: a client needs a port of its own for each connection to one server; when
// there is none left, connect fails with EADDRNOTAVAIL. Another server can be reached from a port in use.
//
// Claim: Beyond the chapter.
func TestClientRunsOutOfPorts(t *testing.T) {
	x := harness.Start(t, harness.PortRanges)
	listener, elsewhere := x.ListenNoKeepalive(), x.ListenNoKeepalive()
	client, _ := connect(t, x, listener)

	x.Step("clients may use one port only, and one is connected from it: %v", client.LocalAddr())
	dialer := net.Dialer{Control: onlyFromPortOf(client)}
	_, err := dialer.Dial("tcp", listener.Addr().String())
	x.Outcome(harness.Client, "Dial, to the same server: %v", err)
	assert.ErrorIs(t, err, syscall.EADDRNOTAVAIL)

	other, err := dialer.Dial("tcp", elsewhere.Addr().String())
	x.Outcome(harness.Client, "Dial, to another: %v", err)
	require.NoError(t, err)
	x.Own(other)
	assert.Equal(t, client.LocalAddr(), other.LocalAddr())
}

// TestTimeWaitCostsClientAPort: a client that closes first can't use that port for the same server
// again. Ports are what a busy client runs out of.
//
// Claim: R2: after a close, the system keeps the address and port busy for a while.
// Verdict: holds if the next connection is to the same server: others can be reached from that port.
// On the loopback the kernel lends it out again after a second.
func TestTimeWaitCostsClientAPort(t *testing.T) {
	x := harness.Start(t, harness.SocketTable, harness.PortRanges)
	for {
		listener, elsewhere := x.ListenNoKeepalive(), x.ListenNoKeepalive()
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
			x.Step("a new second has begun, and so the port may be had again: once more")
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

// onlyFromPortOf leaves the kernel one local port to choose: IP_LOCAL_PORT_RANGE in ip(7), the lowest
// port in the lower half of the number, the highest in the upper.
func onlyFromPortOf(client net.Conn) func(_, _ string, conn syscall.RawConn) error {
	port := client.LocalAddr().(*net.TCPAddr).Port
	return func(_, _ string, conn syscall.RawConn) (err error) {
		conn.Control(func(fd uintptr) {
			err = unix.SetsockoptInt(int(fd), unix.IPPROTO_IP, unix.IP_LOCAL_PORT_RANGE, port<<16|port)
		})
		return err
	}
}

// kernelSecond is the number of the second on the clock by which the kernel decides whether to give
// out a port that is in TIME_WAIT: not before the next second (tcp_tw_reuse in ip-sysctl, which is on
// for the loopback; ktime_get_seconds() in tcp_twsk_unique()).
func kernelSecond(t *testing.T) int64 {
	t.Helper()
	var now unix.Timespec
	require.NoError(t, unix.ClockGettime(unix.CLOCK_MONOTONIC_COARSE, &now))
	return now.Nano() / int64(time.Second)
}
