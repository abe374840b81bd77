package lab02_reuseaddr

import (
	"bufio"
	"errors"
	"fmt"
	"net"
	"os"
	"sync"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"socketlabs/harness"
	"socketlabs/harness/peer"
	"socketlabs/harness/process"
)

const (
	callingAtOnce = 8 // clients
	restarts      = 5
)

// rebindingServer is a process that binds the address that it is given, and serves there.
var rebindingServer = process.NewProgram("rebinding server", func(self *process.Self) error {
	listener, err := net.Listen("tcp", self.Args[0])
	if err != nil {
		return err
	}
	return serveUntilAskedToEnd(self, listener)
})

// inheritingServer is a process that serves on a listening socket that it has inherited.
var inheritingServer = process.NewProgram("inheriting server", func(self *process.Self) error {
	listener, err := net.FileListener(os.NewFile(process.Inherited, "listener"))
	if err != nil {
		return err
	}
	return serveUntilAskedToEnd(self, listener)
})

// serveUntilAskedToEnd answers each line with the process ID. When it is asked to end, it takes no more connections,
// and serves those that it has accepted until their clients close.
func serveUntilAskedToEnd(self *process.Self, listener net.Listener) error {
	go func() {
		<-self.Context().Done()
		listener.Close()
	}()
	self.Ready(listener.Addr())
	var serving sync.WaitGroup
	defer serving.Wait()
	for {
		conn, err := listener.Accept()
		if errors.Is(err, net.ErrClosed) {
			return nil
		}
		if err != nil {
			return err
		}
		serving.Go(func() {
			defer conn.Close()
			for lines := bufio.NewScanner(conn); lines.Scan(); {
				fmt.Fprintln(conn, os.Getpid())
			}
		})
	}
}

// TestWaitingClientIsServedByNextProcess: if a server ends before it has accepted a client's connection, another process
// that has the same listening socket can accept it. If no other process has the socket, the kernel resets the connection.
//
// Claim: Beyond the chapter.
//
// Predict: a client waits to be accepted; the server ends, but another process has its listening socket; what happens to the client?
//   - [ ] the client is reset
//   - [x] the client is served by the other process
//   - [ ] the client waits forever
func TestWaitingClientIsServedByNextProcess(t *testing.T) {
	x := harness.Start(t, process.Processes)
	callUnanswered := func(server string) (*net.TCPListener, *harness.Call) {
		listener, err := net.Listen("tcp", harness.Loopback())
		require.NoError(t, err)
		x.Own(listener)
		client := peer.DialNoKeepalive(x, listener.Addr().String())
		return listener.(*net.TCPListener), x.Begin(harness.Client, "Read of the answer of "+server, func() error {
			fmt.Fprintln(client, "?")
			_, err := bufio.NewReader(client).ReadString('\n')
			return err
		})
	}

	x.Step("two clients connect to two servers, and neither server accepts")
	closed, lost := callUnanswered("the first")
	kept, served := callUnanswered("the second")
	lost.AssertStillWaiting()
	served.AssertStillWaiting()

	x.Step("the first server closes its socket; the second starts a process that inherits its socket, and then closes its own copy")
	require.NoError(t, closed.Close())
	_, err := process.Start(x, inheritingServer.Inheriting(kept))
	require.NoError(t, err)
	require.NoError(t, kept.Close())
	assert.ErrorIs(t, lost.Wait(), syscall.ECONNRESET)
	assert.NoError(t, served.Wait())
}

// TestRestartRefusesClients: while a server restarts, connections are refused, in spite of SO_REUSEADDR.
//
// Claim: R6.
// Verdict: holds, but the option does not prevent a gap: until the new server listens, the kernel refuses
// connections.
func TestRestartRefusesClients(t *testing.T) {
	x := harness.Start(t, process.Processes)
	const answers = 20 // of each process
	server, err := process.Start(x, rebindingServer, peer.ReservedAddress(x))
	require.NoError(t, err)
	clients := startClients(x, callingAtOnce, server.Address)

	for restart := range restarts {
		clients.AwaitAnswers(answers)
		x.Step("restart %d: the server ends, and until the next has started, nobody listens", restart+1)
		server.Terminate()
		require.NoError(t, server.Wait())
		clients.AwaitRefusals(1) // otherwise the next process might listen before any client has tried to connect
		server, err = process.Start(x, rebindingServer, server.Address)
		require.NoError(t, err)
	}
	clients.AwaitAnswers(answers)
	calls := clients.Stop()

	assert.GreaterOrEqual(t, calls.Refused, restarts)
	assert.Len(t, calls.AnsweredBy, restarts+1, "processes that have answered")
}

// TestHandoverRefusesNobody: a server that inherits its predecessor's listening socket refuses no client and loses none.
// Clients that connect while no server accepts wait in the socket's queue.
//
// Claim: Beyond the chapter.
func TestHandoverRefusesNobody(t *testing.T) {
	x := harness.Start(t, process.Processes)
	const answers = 167                                  // of each process
	const requests = 1000                                // in all, at least
	socket, err := net.Listen("tcp", harness.Loopback()) // this process never accepts from it
	require.NoError(t, err)
	defer socket.Close() // not with x.Own: -v would show every segment of thousands of calls
	server, err := process.Start(x, inheritingServer.Inheriting(socket.(*net.TCPListener)))
	require.NoError(t, err)
	clients := startClients(x, callingAtOnce, server.Address)

	for restart := range restarts {
		clients.AwaitAnswers(answers)
		x.Step("restart %d: the server ends, and until the next has started, nobody accepts", restart+1)
		server.Terminate()
		require.NoError(t, server.Wait())
		server, err = process.Start(x, inheritingServer.Inheriting(socket.(*net.TCPListener)))
		require.NoError(t, err)
	}
	clients.AwaitAnswers(answers)
	calls := clients.Stop()

	assert.Zero(t, calls.Refused)
	assert.Empty(t, calls.Lost)
	assert.GreaterOrEqual(t, calls.Answered, requests)
	assert.Len(t, calls.AnsweredBy, restarts+1, "processes that have answered")
}
