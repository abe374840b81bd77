package lab02_reuseaddr

import (
	"errors"
	"io"
	"net"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"socketlabs/harness"
	"socketlabs/harness/kernel"
	"socketlabs/harness/peer"
	"socketlabs/harness/process"
)

// The echo server's second argument: the value that it gives SO_REUSEADDR.
const withoutOption, withOption = "0", "1"

// echoServer is a process that listens on the address it is given, with SO_REUSEADDR or without, and
// sends back what it receives.
var echoServer = process.NewProgram("echo server", func(self *process.Self) error {
	address := self.Args[0]
	reuseaddr, err := strconv.Atoi(self.Args[1])
	if err != nil {
		return err
	}
	config := net.ListenConfig{Control: func(_, _ string, socket syscall.RawConn) (failed error) {
		err := socket.Control(func(fd uintptr) { // Go has already set the option to 1
			failed = unix.SetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_REUSEADDR, reuseaddr)
		})
		return errors.Join(err, failed)
	}}
	listener, err := config.Listen(self.Context(), "tcp", address)
	if err != nil {
		return err
	}
	self.Ready(listener.Addr())
	for {
		conn, err := listener.Accept()
		if err != nil {
			return err
		}
		go io.Copy(conn, conn)
	}
})

// isServed sends a request from the client, and requires that the answer comes.
func isServed(t *testing.T, client *net.TCPConn) {
	t.Helper()
	answer := make([]byte, 1)
	_, err := client.Write([]byte("?"))
	require.NoError(t, err)
	_, err = io.ReadFull(client, answer)
	require.NoError(t, err)
	require.Equal(t, "?", string(answer))
}

// killWhileServing starts an echo server, with SO_REUSEADDR or without, and kills it while it serves
// the client. The server's kernel sends a FIN, and waits for the client's FIN.
func killWhileServing(t *testing.T, x *harness.Experiment, reuseaddr string) (address string, client *net.TCPConn) {
	t.Helper()
	server, err := process.Start(x, echoServer, peer.ReservedAddress(x), reuseaddr)
	require.NoError(t, err)
	client = peer.DialNoKeepalive(x, server.Address)
	isServed(t, client)
	server.Kill()
	kernel.AwaitSockets(x, server.Address, kernel.FinWait2)
	return server.Address, client
}

// killAndClose does the same as killWhileServing, and then closes the client's end, which leaves TIME_WAIT.
func killAndClose(t *testing.T, x *harness.Experiment, reuseaddr string) (address string) {
	t.Helper()
	for {
		address, client := killWhileServing(t, x, reuseaddr)
		require.NoError(t, client.Close())
		if kernel.InTimeWait(x, address, client.LocalAddr().String()) {
			return address
		}
		x.Step("a late segment has ended TIME_WAIT, as happens on a busy machine: trying again")
	}
}

// TestKilledServerCanNotRestart: if a server without SO_REUSEADDR is killed after it has read all that its client sent, it
// can't restart on its port while the connection is in FIN_WAIT2. It also can't restart while the connection is in
// TIME_WAIT, after the client has closed.
//
// Claim: R4.
// Verdict: holds, but TIME_WAIT is not the only state that keeps the port busy: before it, the connection is in
// FIN_WAIT2.
//
// Source: TestOrphanInFinWait2LastsSixtySeconds shows that FIN_WAIT2 ends after a minute, by default, if the client does
// not close.
//
// Predict: a server is killed, and its client stays; in what state is the server's end, which keeps the port busy?
//   - [ ] TIME_WAIT
//   - [ ] ESTABLISHED
//   - [ ] CLOSE_WAIT
//   - [x] FIN_WAIT2
func TestKilledServerCanNotRestart(t *testing.T) {
	x := harness.Start(t, process.Processes, kernel.SocketTable)

	x.Step("a server is killed, and started again while its client stays")
	address, _ := killWhileServing(t, x, withoutOption)
	_, err := process.Start(x, echoServer, address, withoutOption)
	assert.ErrorIs(t, err, unix.EADDRINUSE)

	x.Step("another server is killed, and started again when its client has closed")
	address = killAndClose(t, x, withoutOption)
	_, err = process.Start(x, echoServer, address, withoutOption)
	assert.ErrorIs(t, err, unix.EADDRINUSE)
}

// TestKilledServerRestartsWithOption: a server that is killed while it serves a client can restart on its port at once,
// if the killed process had set SO_REUSEADDR, and the new process sets it, too.
//
// Claim: R5.
// Verdict: holds if the killed process had set the option too.
// Claim: R6.
// Verdict: holds.
func TestKilledServerRestartsWithOption(t *testing.T) {
	x := harness.Start(t, process.Processes, kernel.SocketTable)

	x.Step("a server is killed, and started again while its client stays")
	address, _ := killWhileServing(t, x, withOption)
	_, err := process.Start(x, echoServer, address, withOption)
	require.NoError(t, err)
	isServed(t, peer.DialNoKeepalive(x, address))

	x.Step("another server is killed, and started again when its client has closed")
	address = killAndClose(t, x, withOption)
	_, err = process.Start(x, echoServer, address, withOption)
	require.NoError(t, err)
	isServed(t, peer.DialNoKeepalive(x, address))
}

// TestServerKilledWithUnreadDataRestarts: when a server is killed with unread data, its kernel resets the connection. A
// reset leaves no TIME_WAIT, so the server can restart on its port without SO_REUSEADDR.
//
// Claim: R4.
// Verdict: does not hold: if the server had data left to read, its kernel resets the connection, and there is no
// TIME_WAIT.
//
// Predict: a server is killed before it has read a whole request, and starts again without SO_REUSEADDR; what does bind return?
//   - [x] it succeeds at once
//   - [ ] EADDRINUSE, for a minute
//   - [ ] EADDRINUSE, for as long as the client stays
func TestServerKilledWithUnreadDataRestarts(t *testing.T) {
	x := harness.Start(t, process.Processes, kernel.SocketTable)
	server, err := process.Start(x, echoServer, peer.ReservedAddress(x), withoutOption)
	require.NoError(t, err)
	client := peer.DialNoKeepalive(x, server.Address)
	isServed(t, client)

	x.Step("the server hangs; the client asks, and only the server's kernel takes the request")
	server.Stop()
	_, err = client.Write([]byte("?"))
	require.NoError(t, err)
	require.Eventually(t, func() bool { return kernel.Unacknowledged(x, client) == 0 }, time.Minute, time.Millisecond)

	x.Step("the server is killed")
	server.Kill()
	_, err = client.Read(make([]byte, 1))
	x.Outcome(harness.Client, "Read: %v", err)
	assert.ErrorIs(t, err, unix.ECONNRESET)
	kernel.AwaitSockets(x, server.Address)

	x.Step("the server is started again")
	_, err = process.Start(x, echoServer, server.Address, withoutOption)
	require.NoError(t, err)
	isServed(t, peer.DialNoKeepalive(x, server.Address))
}
