package exercise_test

import (
	"fmt"
	"math/rand/v2"
	"net"
	"net/netip"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"socketlabs/harness"
	"socketlabs/harness/grading"
	"socketlabs/harness/kernel"
	"socketlabs/harness/peer"
	"socketlabs/lab02_reuseaddr/exercise"
)

// TestWhoHolds: it says who holds a port, by the kernel's table of sockets.
//
// Points: 10
// Read: TestTimeWaitKeepsPortBusy, TestPortIsFreeWhenClientClosesFirst, TestLiveConnectionKeepsPortBusy, TestKilledServerCanNotRestart
// Hint: Go through the table and look at Local, Remote and State of each entry. Which of the two addresses is its own?
// Hint: The order of the entries is the kernel's. The first that you find need not be the one that counts.
// Hint: A connection has many states on its way to its end: harness/sockettable_linux.go lists them. TIME_WAIT is the only one in which it is over.
// Hint: What is bound to every address has Local.Addr().IsUnspecified().
func TestWhoHolds(t *testing.T) {
	g := grading.Start(t, kernel.SocketTable)
	w := &holders{t: t, g: g}
	situations := []func() *question{ // those that teach most come first
		w.freePort, w.listener, w.timeWait, w.establishedConnection, w.connectionThatServerEnded,
		w.connectionThatClientEnded, w.listenerAndRest, w.connectionBesideTimeWait,
		w.listenerEverywhere, w.listenerElsewhere, w.timeWaitOfTheOther,
	}
	asked := make([]*question, len(situations))
	for _, i := range rand.Perm(len(situations)) {
		asked[i] = situations[i]()
		w.ask(asked[i])
	}
	for _, q := range asked {
		w.judgeAnswer(q)
	}
	for _, q := range asked {
		w.judgeTouch(q)
	}
}

// holders makes ports be held, one after the other, and asks who holds them.
type holders struct {
	t *testing.T
	g *grading.Grader
}

// question is what the student's code is asked in one situation, and what came of it.
type question struct {
	situation string
	address   netip.AddrPort
	what      string // that stands there
	want, got exercise.Holder
	err       error
	table     []kernel.Socket // when it was asked
	after     []kernel.Socket
	read      string
}

func (w *holders) situation(text string) *question {
	w.g.Step("%s", text)
	return &question{situation: text}
}

// who completes a question.
func (q *question) who(address net.Addr, what string, want exercise.Holder, read string) *question {
	q.address = address.(*net.TCPAddr).AddrPort()
	q.what, q.want, q.read = what, want, "lab02_reuseaddr/"+read
	return q
}

func (w *holders) ask(q *question) {
	w.t.Helper()
	q.table = socketsAt(w.t, q.address)
	w.g.Call("WhoHolds", time.Second, grading.Finding{
		Mistake:  "it hangs",
		Expected: "an answer at once: the table is there to be read",
	}, func() { q.got, q.err = exercise.WhoHolds(q.address) })
	q.after = socketsAt(w.t, q.address)
	w.g.Outcome(harness.Server, "WhoHolds: %s, %v; the table: %s", q.got, q.err, inWords(q.table))
}

func (w *holders) judgeAnswer(q *question) {
	w.t.Helper()
	if q.err == nil && q.got == q.want {
		return
	}
	mistake := fmt.Sprintf("%s is taken for %s", q.what, q.got)
	if q.got == exercise.Nobody || q.got == "" {
		mistake = q.what + " is overlooked"
	}
	w.g.Step("the answers are looked through: %s", q.situation)
	w.g.Expect(false, grading.Finding{
		Mistake:  mistake,
		Expected: string(q.want),
		Seen:     fmt.Sprintf("%q, %v; the kernel's table there: %s", q.got, q.err, inWords(q.table)),
		Read:     q.read,
	})
}

// judgeTouch: the table must be the same before and after.
func (w *holders) judgeTouch(q *question) {
	w.t.Helper()
	w.g.Expect(slices.Equal(othersOf(q.table), othersOf(q.after)), grading.Finding{
		Mistake:  "to look is not to touch: after the question another socket is there",
		Expected: fmt.Sprintf("where %s, the table as it was: %s", q.situation, inWords(q.table)),
		Seen:     inWords(q.after),
		Read:     q.read,
	})
}

// othersOf are the other ends of the entries.
func othersOf(sockets []kernel.Socket) (others []string) {
	for _, s := range sockets {
		others = append(others, s.Remote.String())
	}
	slices.Sort(others)
	return others
}

func (w *holders) freePort() *question {
	q := w.situation("nobody is there")
	listener := peer.ListenReserved(w.g.Experiment)
	require.NoError(w.t, listener.Close())
	return q.who(listener.Addr(), "a free port", exercise.Nobody, "TestPortIsFreeWhenClientClosesFirst")
}

func (w *holders) listener() *question {
	q := w.situation("a server listens, and has no clients")
	return q.who(peer.ListenNoKeepalive(w.g.Experiment).Addr(), "a listener", exercise.Listener, "TestTwoListenersCannotShareAPort")
}

func (w *holders) timeWait() *question {
	q := w.situation("a server has closed a connection first, and is gone")
	listener := peer.ListenNoKeepalive(w.g.Experiment)
	w.leaveTimeWait(listener)
	require.NoError(w.t, listener.Close())
	return q.who(listener.Addr(), "TIME_WAIT", exercise.TimeWait, "TestTimeWaitKeepsPortBusy")
}

func (w *holders) establishedConnection() *question {
	q := w.situation("a server has stopped listening, and a connection of its lives on")
	listener := peer.ListenReserved(w.g.Experiment)
	w.connect(listener)
	require.NoError(w.t, listener.Close())
	return q.who(listener.Addr(), "a connection without its listener", exercise.OpenConnection, "TestLiveConnectionKeepsPortBusy")
}

func (w *holders) connectionThatServerEnded() *question {
	q := w.situation("a server is gone; its kernel has ended the connection, and the client has not")
	listener := peer.ListenReserved(w.g.Experiment)
	_, server := w.connect(listener)
	require.NoError(w.t, server.Close())
	require.NoError(w.t, listener.Close())
	kernel.AwaitSockets(w.g.Experiment, listener.Addr().String(), kernel.FinWait2)
	return q.who(listener.Addr(), "a connection that one side only has ended", exercise.OpenConnection, "TestKilledServerCanNotRestart")
}

func (w *holders) connectionThatClientEnded() *question {
	q := w.situation("a client has ended its connection; the server, which listens no more, has not noticed")
	listener := peer.ListenReserved(w.g.Experiment)
	client, _ := w.connect(listener)
	require.NoError(w.t, client.Close())
	require.NoError(w.t, listener.Close())
	kernel.AwaitSockets(w.g.Experiment, listener.Addr().String(), kernel.CloseWait)
	return q.who(listener.Addr(), "a connection that one side only has ended", exercise.OpenConnection, "TestKilledServerCanNotRestart")
}

func (w *holders) listenerAndRest() *question {
	q := w.situation("a server listens, has clients, and has closed a connection first")
	listener := peer.ListenNoKeepalive(w.g.Experiment)
	w.connect(listener)
	w.leaveTimeWait(listener)
	w.connect(listener)
	return q.who(listener.Addr(), "a listener that has connections", exercise.Listener, "TestServerCallsInOrder")
}

func (w *holders) connectionBesideTimeWait() *question {
	q := w.situation("a server is gone and has left three connections: two live on, one is in TIME_WAIT")
	listener := peer.ListenReserved(w.g.Experiment)
	w.connect(listener)
	w.leaveTimeWait(listener)
	w.connect(listener)
	require.NoError(w.t, listener.Close())
	return q.who(listener.Addr(), "a connection beside TIME_WAIT", exercise.OpenConnection, "TestLiveConnectionKeepsPortBusy")
}

func (w *holders) listenerEverywhere() *question {
	q := w.situation("a server listens on every address")
	own := netip.MustParseAddrPort(peer.ReservedAddress(w.g.Experiment))
	w.listenAt("tcp", ":"+strconv.Itoa(int(own.Port())))
	return q.who(net.TCPAddrFromAddrPort(own), "a listener on every address", exercise.Listener, "TestWhoMayShareAPort")
}

func (w *holders) listenerElsewhere() *question {
	q := w.situation("a server listens on the same port of another address")
	own := netip.MustParseAddrPort(peer.ReservedAddress(w.g.Experiment))
	elsewhere := "127.0.0.2"
	if own.Addr().Is6() {
		elsewhere = "127.0.0.1"
	}
	w.listenAt("tcp4", net.JoinHostPort(elsewhere, strconv.Itoa(int(own.Port()))))
	return q.who(net.TCPAddrFromAddrPort(own), "the listener of another address", exercise.Nobody, "TestWhoMayShareAPort")
}

func (w *holders) listenAt(network, address string) {
	w.t.Helper()
	config := net.ListenConfig{}
	config.SetMultipathTCP(false)
	listener, err := config.Listen(w.t.Context(), network, address)
	require.NoError(w.t, err)
	w.g.Own(listener)
}

func (w *holders) timeWaitOfTheOther() *question {
	q := w.situation("a client has closed its connection first; the server has closed it too, and is gone")
	listener := peer.ListenReserved(w.g.Experiment)
	for standing := false; !standing; {
		client, server := w.connect(listener)
		closeInTurn(w.t, client, server)
		standing = kernel.InTimeWait(w.g.Experiment, client.LocalAddr().String(), listener.Addr().String())
	}
	require.NoError(w.t, listener.Close())
	return q.who(listener.Addr(), "the client's end, in TIME_WAIT,", exercise.Nobody, "TestPortIsFreeWhenClientClosesFirst")
}

func (w *holders) connect(listener *net.TCPListener) (client, server *net.TCPConn) {
	w.t.Helper()
	return connect(w.t, w.g, listener)
}

// leaveTimeWait makes the server close a connection first, until TIME_WAIT stands: a late segment can
// end it.
func (w *holders) leaveTimeWait(listener *net.TCPListener) {
	w.t.Helper()
	for standing := false; !standing; {
		client, server := w.connect(listener)
		closeInTurn(w.t, server, client)
		standing = kernel.InTimeWait(w.g.Experiment, listener.Addr().String(), client.LocalAddr().String())
	}
}
