package exercise_test

import (
	"errors"
	"fmt"
	"io"
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

// TestListenForRestart: a server with this socket can be restarted at once, whatever connections the last one has
// left on its port; and two servers can't listen on the port at the same time.
//
// Points: 10
// Read: TestServerCallsInOrder, TestOptionAfterBindIsTooLate, TestLiveConnectionKeepsPortBusy
// Hint: Five calls make a server: socket, setsockopt, bind, listen, accept. Which of them returns EADDRINUSE?
// Hint: That call looks at an option of the socket. It can't see what is set later.
// Hint: SO_REUSEADDR and SO_REUSEPORT are two options. Only one of them lets the kernel refuse a second listener.
// Hint: Each of the calls can fail. What is open by then?
func TestListenForRestart(t *testing.T) {
	g := grading.Start(t, kernel.SocketTable)
	r := &restarts{g: g}
	for _, host := range grading.Hosts() {
		if host.Is4() { // any address of 127.0.0.0/8 is the loopback's
			host = loopbackOf4()
		}
		r.address = peer.ReservedAddressAt(g.Experiment, host)
		r.startsAgain()
		r.fails()
		r.another()
		r.atATime(host)
	}
}

// restarts are servers that the student's socket makes, one after the other at one address.
type restarts struct {
	g       *grading.Grader
	address netip.AddrPort
	last    int // SO_REUSEADDR of the last server's socket
}

// startsAgain is the life of three servers at one address.
func (r *restarts) startsAgain() {
	r.g.Step("a server listens at %v", r.address)
	r.mustListen("a first server", grading.Finding{
		Sentence: "address",
		Mistake:  "a first server does not come to listen",
		Read:     "lab02_reuseaddr/TestServerCallsInOrder",
	}).end()
	r.g.Step("it is started again, and another server listens at the same port of another address")
	r.beside()
	first := r.mustListen("a server", grading.Finding{
		Sentence: "address",
		Mistake:  "a server at the same port of another address keeps it from its own",
		Read:     "lab02_reuseaddr/TestWhoMayShareAPort",
	})
	r.g.Step("it serves a client, and closes the connection first")
	r.leaveTimeWait(first)

	r.g.Step("a second server listens there too, while the first does")
	require.NoError(r.g.T(), first.Close()) // the student's descriptor is the only one
	for range 3 {
		r.refuseSecond()
	}

	r.g.Step("the first server is gone, and TIME_WAIT stands on its port; it is started again")
	first.end()
	second := r.mustListen("a new server", grading.Finding{
		Sentence: "after-wait",
		Mistake:  "TIME_WAIT keeps the new server from its port",
		Read:     "lab02_reuseaddr/TestTimeWaitKeepsPortBusy",
	})
	client, served := r.connect(second)
	r.halfClose(second)

	r.g.Step("that server is gone too, and connections of its live on: whole ones and half-closed ones; it is started again")
	second.end()
	third := r.mustListen("a new server", grading.Finding{
		Sentence: "after-live",
		Mistake:  "a connection that lives on keeps the new server from its port",
		Read:     "lab02_reuseaddr/TestLiveConnectionKeepsPortBusy",
	})
	r.connect(third)
	_, err := served.Write([]byte("still here"))
	require.NoError(r.g.T(), err)
	_, err = io.ReadFull(client, make([]byte, len("still here")))
	require.NoError(r.g.T(), err)
	third.end()
}

// refuseSecond starts a server where one listens.
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
		f.Mistake = "nobody is told that the port is taken"
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

// halfClose leaves a connection of which the client has closed its half, and one of which the server has.
func (r *restarts) halfClose(s *server) {
	r.g.T().Helper()
	client, _ := r.connect(s)
	require.NoError(r.g.T(), client.CloseWrite())
	r.comesTo(client, kernel.CloseWait)
	client, served := r.connect(s)
	require.NoError(r.g.T(), served.CloseWrite())
	r.comesTo(client, kernel.FinWait2)
}

// comesTo waits until the server's end of a connection has come to a state.
func (r *restarts) comesTo(client *net.TCPConn, state kernel.SocketState) {
	r.g.T().Helper()
	is := func() bool { return stateAt(r.g, client.RemoteAddr(), client.LocalAddr()) == state }
	require.True(r.g.T(), eventually(is), "the server's end does not come to %s", state)
}

// listening are the entries of sockets that listen at the address.
func (r *restarts) listening() []kernel.Socket {
	r.g.T().Helper()
	return slices.DeleteFunc(socketsAt(r.g, r.address), func(s kernel.Socket) bool { return s.State != kernel.Listening })
}

const reset = "the connection is reset when the server closes it: what is on its way can get lost"

// leaveTimeWait serves a client and closes first, until TIME_WAIT stands on the port: a late segment can
// end it.
func (r *restarts) leaveTimeWait(listener *server) {
	r.g.T().Helper()
	for standing := false; !standing; {
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
		standing = stateAt(r.g, there, here) == kernel.TimeWait
	}
}
