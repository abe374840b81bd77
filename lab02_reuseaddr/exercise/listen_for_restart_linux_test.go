package exercise_test

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"socketlabs/harness"
	"socketlabs/harness/grading"
	"socketlabs/harness/kernel"
	"socketlabs/harness/peer"
	"socketlabs/lab02_reuseaddr/exercise"
)

// TestListenForRestart: a server with this socket can be restarted at once, whatever the last one has
// left on its port; and two servers can't listen on the port at a time.
//
// Points: 10
// Read: TestServerCallsInOrder, TestOptionAfterBindIsTooLate, TestLiveConnectionKeepsPortBusy
// Hint: Five calls make a server: socket, setsockopt, bind, listen, accept. Which of them is told EADDRINUSE?
// Hint: That call looks at an option of the socket. What is set later, it can't see.
// Hint: SO_REUSEADDR and SO_REUSEPORT are two options. Only one of them keeps a second listener away.
// Hint: unix.Listen on a socket that is bound to nothing succeeds: look at every error on the way.
func TestListenForRestart(t *testing.T) {
	g := grading.Start(t, kernel.SocketTable)
	r := &restarts{t: t, g: g, address: netip.MustParseAddrPort(peer.ReservedAddress(g.Experiment))}

	g.Step("a server listens at %v", r.address)
	first := r.mustListen("a first server", grading.Finding{
		Mistake: "the port of a server that was never there counts as taken",
		Read:    "lab02_reuseaddr/TestServerCallsInOrder",
	})
	g.Step("it serves a client, and closes the connection first")
	r.leaveTimeWait(first)

	g.Step("a second server listens there too, while the first does")
	r.refuseSecond()

	g.Step("the first server is gone, and TIME_WAIT stands on its port; it is started again")
	require.NoError(t, first.Close())
	second := r.mustListen("a new server", grading.Finding{
		Mistake: "TIME_WAIT keeps the new server from its port",
		Read:    "lab02_reuseaddr/TestTimeWaitKeepsPortBusy",
	})
	client, served := connect(r.t, r.g, second)

	g.Step("that server is gone too, and a connection of its lives on; it is started again")
	require.NoError(t, second.Close())
	third := r.mustListen("a new server", grading.Finding{
		Mistake: "a connection that lives on keeps the new server from its port",
		Read:    "lab02_reuseaddr/TestLiveConnectionKeepsPortBusy",
	})
	connect(r.t, r.g, third)
	_, err := served.Write([]byte("still here"))
	require.NoError(t, err)
	_, err = io.ReadFull(client, make([]byte, len("still here")))
	require.NoError(t, err)
}

// restarts are servers that the student's socket makes, one after the other at one address.
type restarts struct {
	t       *testing.T
	g       *grading.Grader
	address netip.AddrPort
	last    int // SO_REUSEADDR of the last server's socket
}

func (r *restarts) call() (fd int, err error) {
	r.g.Call("ListenForRestart", time.Second, grading.Finding{
		Mistake:  "it tries again until the port is free, or hangs",
		Expected: "a socket, or an error, at once: TIME_WAIT lasts a minute, a connection perhaps for ever",
		Read:     "lab02_reuseaddr/TestServerCallsInOrder",
	}, func() { fd, err = exercise.ListenForRestart(r.address) })
	r.g.Outcome(harness.Server, "ListenForRestart: descriptor %d, %v", fd, err)
	return fd, err
}

// mustListen starts a server, which nothing may keep from its address. If something does, the finding
// says what; what else can be wrong with the socket is named here.
func (r *restarts) mustListen(who string, kept grading.Finding) *net.TCPListener {
	r.t.Helper()
	fd, err := r.call()
	kept.Expected = who + " has the address at once"
	kept.Seen = fmt.Sprintf("%v; the kernel's table there: %s", err, tableAt(r.t, r.address))
	if errors.Is(err, unix.EADDRINUSE) && r.last == 0 {
		kept.Mistake += ": the sockets do without this lab's option"
	} else if errors.Is(err, unix.EADDRINUSE) {
		kept.Mistake += ": the option was not there when bind looked"
	}
	r.g.Expect(err == nil, kept)

	listens, err := unix.GetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_ACCEPTCONN)
	r.g.Expect(err == nil, grading.Finding{
		Mistake:  "what is returned is no socket",
		Expected: "the descriptor of a listening socket, that ListenForRestart has opened",
		Seen:     fmt.Sprintf("descriptor %d: getsockopt: %v", fd, err),
	})
	r.g.Expect(listens == 1, grading.Finding{
		Mistake:  "the socket does not listen",
		Expected: "a socket that clients can connect to",
		Seen:     "SO_ACCEPTCONN is 0: who connects is refused",
		Read:     "lab02_reuseaddr/TestServerCallsInOrder",
	})
	file := os.NewFile(uintptr(fd), "the student's socket")
	r.last, err = unix.GetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_REUSEADDR)
	require.NoError(r.t, err)
	opened, err := net.FileListener(file)
	require.NoError(r.t, err)
	listener := opened.(*net.TCPListener)
	r.g.Own(listener)
	require.NoError(r.t, file.Close())
	at := listener.Addr().(*net.TCPAddr).AddrPort()
	r.g.Expect(at == r.address, grading.Finding{
		Mistake:  "the socket listens at another address",
		Expected: r.address.String(),
		Seen:     at.String(),
		Read:     "lab02_reuseaddr/TestServerCallsInOrder",
	})
	return listener
}

// refuseSecond starts a server where one listens.
func (r *restarts) refuseSecond() {
	r.t.Helper()
	before := unboundSockets(r.t)
	fd, err := r.call()
	if err == nil {
		at, _ := unix.Getsockname(fd)
		unix.Close(fd)
		mistake := "two servers listen on one port: their clients are divided among them"
		if at != nil && portOf(at) != int(r.address.Port()) {
			mistake = "nobody is told that the port is taken: the error of bind is lost"
		}
		r.g.Expect(false, grading.Finding{
			Mistake:  mistake,
			Expected: "an error: the port has a listener",
			Seen:     fmt.Sprintf("no error, and a socket bound to port %d", portOf(at)),
			Read:     "lab02_reuseaddr/TestTwoListenersCannotShareAPort",
		})
	}
	r.g.Expect(errors.Is(err, unix.EADDRINUSE), grading.Finding{
		Mistake:  "the error does not say what is wrong",
		Expected: "errors.Is(err, unix.EADDRINUSE)",
		Seen:     fmt.Sprintf("%T: %v", err, err),
		Read:     "lab02_reuseaddr/TestTwoListenersCannotShareAPort",
	})
	r.g.Expect(closesAll(r.t, before), grading.Finding{
		Mistake:  "the call has failed, and its descriptor is still open",
		Expected: "a call that fails leaves nothing behind",
		Seen:     "a socket of this process that is bound to nothing, and was not there before",
	})
}

// leaveTimeWait serves a client and closes first, until TIME_WAIT stands on the port: a late segment can
// end it.
func (r *restarts) leaveTimeWait(listener *net.TCPListener) {
	r.t.Helper()
	for standing := false; !standing; {
		client, server := connect(r.t, r.g, listener)
		answer := grading.Text(20)
		_, err := io.WriteString(server, answer)
		require.NoError(r.t, err)
		require.NoError(r.t, server.Close())
		got, err := io.ReadAll(client)
		r.g.Expect(err == nil && string(got) == answer, grading.Finding{
			Mistake:  "the connection is reset when the server closes it: what is on its way can get lost",
			Expected: fmt.Sprintf("the client reads %q, and then the end of the stream", answer),
			Seen:     fmt.Sprintf("%q, %v", got, err),
			Read:     "lab02_reuseaddr/TestLingerZeroLosesData",
		})
		require.NoError(r.t, client.Close())
		standing = kernel.InTimeWait(r.g.Experiment, r.address.String(), client.LocalAddr().String())
	}
}
