package exercise_test

import (
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/netip"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"socketlabs/harness/grading"
	"socketlabs/harness/kernel"
	"socketlabs/harness/peer"
)

// TestListenForRestart: a server with this socket can be restarted at once, whatever connections the last server has
// left on its port; and two servers can't listen on the port at the same time.
//
// Points: 10
// Read: TestServerCallsInOrder, TestOptionAfterBindIsTooLate, TestLiveConnectionKeepsPortBusy
// Hint: A server makes five system calls: socket, setsockopt, bind, listen, accept. Which of them returns EADDRINUSE?
// Hint: The call that returns EADDRINUSE looks at an option of the socket. It can't see an option that is set later.
// Hint: SO_REUSEADDR and SO_REUSEPORT are two options. Only one of them lets the kernel refuse a second listener.
// Hint: Each of the calls can fail. Which descriptor is open then?
func TestListenForRestart(t *testing.T) {
	g := grading.Start(t, kernel.SocketTable)
	r := &restarts{g: g}
	for _, host := range grading.Hosts() {
		if host.Is4() { // every address of 127.0.0.0/8 is a loopback address
			host = loopbackOf4()
		}
		r.address = peer.ReservedAddressAt(g.Experiment, host)
		r.startsAgain()
		r.fails()
		r.another()
		r.callsConcurrently(host)
		r.highPort()
	}
}

// restarts starts servers with the sockets that the student's code opens, one after the other at one address.
type restarts struct {
	g       *grading.Grader
	address netip.AddrPort
	last    int  // the value of SO_REUSEADDR on the last server's socket
	first   bool // whether the kernel refuses only the first of several system calls
}

// startsAgain starts and ends three servers at one address, one after the other.
func (r *restarts) startsAgain() {
	r.g.Step("a server listens at %v", r.address)
	r.mustListen("the first server", grading.Finding{
		Sentence: "address",
		Mistake:  "the first server can't listen",
		Read:     "lab02_reuseaddr/TestServerCallsInOrder",
	}).end()
	r.g.Step("the server is started again, while another server listens at the same port of another address")
	r.beside()
	first := r.mustListen("the server", grading.Finding{
		Sentence: "address",
		Mistake:  "the server can't listen while another server listens at the same port of another address",
		Read:     "lab02_reuseaddr/TestWhoMayShareAPort",
	})
	r.g.Step("the server serves a client, and closes the connection first")
	r.leaveTimeWait(first)

	r.g.Step("a second server tries to listen at the same address, while the first server listens")
	require.NoError(r.g.T(), first.Close()) // the grader's copy; the student's descriptor keeps the socket open
	for range 3 {
		r.refuseSecond()
	}

	r.g.Step("the first server is gone, and has left a connection in TIME_WAIT; a new server starts on its port")
	first.end()
	second := r.mustListen("a new server", grading.Finding{
		Sentence: "after-wait",
		Mistake:  "TIME_WAIT keeps the new server from its port",
		Read:     "lab02_reuseaddr/TestTimeWaitKeepsPortBusy",
	})
	client, served := r.connect(second)
	r.halfClose(second)

	r.g.Step("the second server is gone, too, and has left open and half-closed connections; a new server starts on its port")
	second.end()
	third := r.mustListen("a new server", grading.Finding{
		Sentence: "after-live",
		Mistake:  "an open connection keeps the new server from its port",
		Read:     "lab02_reuseaddr/TestLiveConnectionKeepsPortBusy",
	})
	r.connect(third)
	_, err := served.Write([]byte("still here"))
	require.NoError(r.g.T(), err)
	_, err = io.ReadFull(client, make([]byte, len("still here")))
	require.NoError(r.g.T(), err)
	third.end()
}

// highPort starts a server at a port that does not fit into 15 bits. Linux gives no client such a port: ip_local_port_range in ip(7).
func (r *restarts) highPort() {
	const first, last = 61000, 65535
	for {
		r.address = netip.AddrPortFrom(r.address.Addr(), uint16(first+rand.IntN(last-first+1)))
		if other := r.listen(r.address); other != nil {
			require.NoError(r.g.T(), other.Close())
			break
		}
	}
	r.g.Step("a server listens at a high port: %v", r.address)
	r.mustListen("the server", grading.Finding{
		Sentence: "address",
		Mistake:  "the server can't listen at a high port",
		Read:     "lab02_reuseaddr/TestServerCallsInOrder",
	}).end()
}

// refuseSecond starts a second server at an address where a server listens. The call must fail.
func (r *restarts) refuseSecond() {
	r.g.T().Helper()
	before := r.g.Holdings()
	got := r.call()
	f := grading.Finding{
		Sentence: "one-listener",
		Mistake:  "two servers listen on one port: their clients are divided among them",
		Expected: "an error: the port has a listener",
		Seen:     fmt.Sprintf("no error, and descriptor %d", got.FD),
		Read:     "lab02_reuseaddr/TestTwoListenersCannotShareAPort",
	}
	if got.Err == nil && len(r.listening()) < 2 {
		f.Mistake = "the caller is not told that the port is taken"
	}
	r.g.Expect(got.Err != nil, f)
	r.g.Expect(errors.Is(got.Err.Err(), unix.EADDRINUSE), grading.Finding{
		Sentence: "kernel-error",
		Mistake:  "the error does not say what is wrong",
		Expected: "errors.Is(err, unix.EADDRINUSE)",
		Seen:     got.Err.Type + ": " + got.Err.Text,
		Read:     "lab02_reuseaddr/TestTwoListenersCannotShareAPort",
	})
	r.leavesNothing(before, "a second server is refused")
}

// halfClose leaves two half-closed connections: one that the client has half-closed, and one that the server has.
func (r *restarts) halfClose(s *server) {
	r.g.T().Helper()
	client, _ := r.connect(s)
	require.NoError(r.g.T(), client.CloseWrite())
	r.awaitState(client, kernel.CloseWait)
	client, served := r.connect(s)
	require.NoError(r.g.T(), served.CloseWrite())
	r.awaitState(client, kernel.FinWait2)
}

// awaitState waits until the server's end of a connection is in a state.
func (r *restarts) awaitState(client *net.TCPConn, state kernel.SocketState) {
	r.g.T().Helper()
	is := func() bool { return stateAt(r.g, client.RemoteAddr(), client.LocalAddr()) == state }
	require.True(r.g.T(), eventually(is), "the server's end should be in %s", state)
}

// listening returns the entries of the sockets that listen at the address.
func (r *restarts) listening() []kernel.Socket {
	r.g.T().Helper()
	return slices.DeleteFunc(socketsAt(r.g, r.address), func(s kernel.Socket) bool { return s.State != kernel.Listening })
}

const reset = "the connection is reset when the server closes it: data on its way can get lost"

// leaveTimeWait serves a client, closes the connection first, and so leaves it in TIME_WAIT. An old duplicate segment can end
// TIME_WAIT early; then leaveTimeWait serves another client.
func (r *restarts) leaveTimeWait(listener *server) {
	r.g.T().Helper()
	for inTimeWait := false; !inTimeWait; {
		client, server := r.connect(listener)
		answer := grading.Text(20)
		_, err := io.WriteString(server, answer)
		require.NoError(r.g.T(), err)
		require.NoError(r.g.T(), server.Close())
		got, err := io.ReadAll(client)
		r.g.Expect(err == nil && string(got) == answer, grading.Finding{
			Sentence: "no-reset",
			Mistake:  reset,
			Expected: fmt.Sprintf("the client reads %q, and then the end of the stream", answer),
			Seen:     fmt.Sprintf("%q, %v", got, err),
			Read:     "lab02_reuseaddr/TestLingerZeroLosesData",
		})
		require.NoError(r.g.T(), client.Close())
		here, there := client.LocalAddr(), client.RemoteAddr()
		eventually(func() bool { return stateAt(r.g, here, there) == "" })
		inTimeWait = stateAt(r.g, there, here) == kernel.TimeWait
	}
}
