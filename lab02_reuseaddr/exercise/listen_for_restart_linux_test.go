package exercise_test

import (
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/netip"
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
			host = netip.AddrFrom4([4]byte{127, byte(1 + rand.IntN(200)), byte(rand.IntN(250)), byte(1 + rand.IntN(250))})
		}
		r.address = peer.ReservedAddressAt(g.Experiment, host)
		r.startsAgain()
		r.fails()
	}
	r.neverWaits()
}

// restarts are servers that the student's socket makes, one after the other at one address.
type restarts struct {
	g       *grading.Grader
	address netip.AddrPort
	last    int // SO_REUSEADDR of the last server's socket
	took    durations
}

// startsAgain is the life of three servers at one address.
func (r *restarts) startsAgain() {
	r.g.Step("a server listens at %v", r.address)
	first := r.mustListen("a first server", grading.Finding{
		Sentence: "address",
		Mistake:  "a first server does not come to listen",
		Read:     "lab02_reuseaddr/TestServerCallsInOrder",
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

	r.g.Step("that server is gone too, and a connection of its lives on; it is started again")
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
	r.took.failed()
	f := grading.Finding{
		Sentence: "one-listener",
		Mistake:  "two servers listen on one port: their clients are divided among them",
		Expected: "an error: the port has a listener",
		Seen:     fmt.Sprintf("no error, and descriptor %d", got.FD),
		Read:     "lab02_reuseaddr/TestTwoListenersCannotShareAPort",
	}
	if got.Err == nil && len(socketsAt(r.g, r.address)) < 2 {
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
			Mistake:  "the connection is reset when the server closes it: what is on its way can get lost",
			Expected: fmt.Sprintf("the client reads %q, and then the end of the stream", answer),
			Seen:     fmt.Sprintf("%q, %v", got, err),
			Read:     "lab02_reuseaddr/TestLingerZeroLosesData",
		})
		require.NoError(r.g.T(), client.Close())
		standing = kernel.InTimeWait(r.g.Experiment, r.address.String(), client.LocalAddr().String())
	}
}
