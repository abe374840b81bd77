package exercise_test

import (
	"context"
	"io"
	"net"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"socketlabs/harness"
	"socketlabs/harness/grading"
	"socketlabs/harness/kernel"
	"socketlabs/harness/link"
	"socketlabs/harness/peer"
	"socketlabs/lab04_compare/exercise"
)

// end is how a call of the client's has ended, for real.
type end struct {
	during  exercise.Call
	what    string
	err     error
	want    exercise.Step
	because string
	read    string
}

const patience = 100 * time.Millisecond

// makeEnds makes calls end in every way, each with a peer of its own.
func makeEnds(t *testing.T, g *grading.Grader) []end {
	const (
		connect, send, receive = exercise.Connect, exercise.Send, exercise.Receive
		nothingSent            = "nothing was sent, and the bank may be there in a while"
		perhaps                = "the order has left, and nobody knows what became of it"
		whole                  = "only our patience is at an end; the connection is whole"
		ours                   = "the client has ended it itself"
		slowFromDead           = "lab01_timeout/TestErrorsTellSlowFromDead"
	)
	dead, deadToo := vanished(t, g), vanished(t, g)
	reset, resetTwice := resetByPeer(t, g), resetByPeer(t, g)
	g.Step("calls are made to end in every way")
	ends := []end{
		{connect, "nobody listens", refused(g), exercise.ConnectLater, nothingSent, slowFromDead},
		{connect, "nobody answers in our time", unanswered(g, patience), exercise.ConnectLater, nothingSent, "lab01_timeout/TestDialTimeoutGivesUp"},
		{connect, "we cancel it", cancelled(g), exercise.Stop, ours, "lab01_timeout/TestContextCancelsDial"},
		{connect, "our own port is taken", dial(g, peer.ListenNoKeepalive(g.Experiment).Addr()), exercise.Report, "no bank has a part in it", ""},
		{send, "the kernel takes the order", write(pair(g)), exercise.GoOn, "the call has succeeded", ""},
		{send, "the bank does not read, and our deadline comes", stalled(t, g), exercise.CallAgain, whole, "lab01_timeout/TestTimedOutWriteCanBeResumed"},
		{send, "the bank's kernel has reset the connection", write(reset), exercise.AskFirst, perhaps, slowFromDead},
		{send, "that was told before", secondWrite(resetTwice), exercise.AskFirst, perhaps, slowFromDead},
		{send, "we have closed the connection", write(closedByUs(t, g)), exercise.Stop, ours, slowFromDead},
		{receive, "the answer comes", read(answering(t, g)), exercise.GoOn, "the call has succeeded", ""},
		{receive, "our deadline comes", read(withDeadline(t, pair(g))), exercise.CallAgain, whole, "lab01_timeout/TestTimeoutIsNoVerdictOnPeer"},
		{receive, "the bank ends the conversation before it has answered", read(closedByPeer(t, g, "")), exercise.AskFirst, perhaps, slowFromDead},
		{receive, "the bank ends it in the middle of its answer", readAnswer(closedByPeer(t, g, "do")), exercise.AskFirst, perhaps, slowFromDead},
		{receive, "the bank's kernel resets the connection", read(resetByPeer(t, g)), exercise.AskFirst, perhaps, slowFromDead},
		{receive, "we have closed the connection", read(closedByUs(t, g)), exercise.Stop, ours, slowFromDead},
	}
	g.Step("keepalive has given up a bank whose host has vanished")
	return append(ends,
		end{receive, "the kernel has given the bank up", read(dead), exercise.AskFirst, perhaps, slowFromDead},
		end{send, "the kernel has given the bank up", awaitThenWrite(g, deadToo), exercise.AskFirst, perhaps, "lab03_keepalive/TestDeathIsToldOnce"},
	)
}

func write(conn net.Conn) error {
	_, err := io.WriteString(conn, "order\n")
	return err
}

func read(conn net.Conn) error {
	_, err := conn.Read(make([]byte, 1))
	return err
}

func readAnswer(conn net.Conn) error {
	_, err := io.ReadFull(conn, make([]byte, len("done\n")))
	return err
}

func pair(g *grading.Grader) *net.TCPConn {
	client, _ := peer.PairNoKeepalive(g.Experiment)
	return client
}

func dial(g *grading.Grader, from net.Addr) error {
	dialer := net.Dialer{LocalAddr: from}
	conn, err := dialer.Dial("tcp", peer.Silent(g.Experiment))
	if err == nil {
		g.Own(conn)
	}
	return err
}

func refused(g *grading.Grader) error {
	_, err := net.Dial("tcp", peer.Absent(g.Experiment))
	return err
}

func unanswered(g *grading.Grader, limit time.Duration) error {
	_, err := net.DialTimeout("tcp", peer.FullBacklog(g.Experiment), limit)
	return err
}

func cancelled(g *grading.Grader) error {
	ctx, cancel := context.WithCancel(context.Background())
	full := peer.FullBacklog(g.Experiment)
	dialing := g.Begin(harness.Client, "DialContext", func() error {
		_, err := new(net.Dialer).DialContext(ctx, "tcp", full)
		return err
	})
	cancel()
	return dialing.Wait()
}

func stalled(t *testing.T, g *grading.Grader) error {
	const moreThanBuffersHold = 32 << 20 // tcp_wmem and tcp_rmem in tcp(7)
	conn := peer.DialNoKeepalive(g.Experiment, peer.Stalled(g.Experiment).Address)
	require.NoError(t, conn.SetWriteDeadline(time.Now().Add(patience)))
	_, err := conn.Write(make([]byte, moreThanBuffersHold))
	return err
}

func withDeadline(t *testing.T, conn *net.TCPConn) net.Conn {
	require.NoError(t, conn.SetReadDeadline(time.Now().Add(patience)))
	return conn
}

func answering(t *testing.T, g *grading.Grader) net.Conn {
	client, bank := peer.PairNoKeepalive(g.Experiment)
	_, err := io.WriteString(bank, "done\n")
	require.NoError(t, err)
	return client
}

func closedByUs(t *testing.T, g *grading.Grader) net.Conn {
	client, _ := peer.PairNoKeepalive(g.Experiment)
	require.NoError(t, client.Close())
	return client
}

func closedByPeer(t *testing.T, g *grading.Grader, said string) net.Conn {
	client, bank := peer.PairNoKeepalive(g.Experiment)
	_, err := io.WriteString(bank, said)
	require.NoError(t, err)
	require.NoError(t, bank.Close())
	return client
}

// resetByPeer is a connection of which the reset has arrived, and was not told yet.
func resetByPeer(t *testing.T, g *grading.Grader) *net.TCPConn {
	client, bank := peer.PairNoKeepalive(g.Experiment)
	require.NoError(t, bank.SetLinger(0))
	require.NoError(t, bank.Close())
	kernel.AwaitTCPInfo(g.Experiment, harness.Client, client, func(i kernel.TCPInfo) bool { return i.State == kernel.Closed })
	return client
}

// secondWrite is told that there is nobody to write to: the first was told of the reset.
func secondWrite(conn net.Conn) error {
	write(conn)
	return write(conn)
}

// vanished is a connection whose other end is gone; keepalive is to find that out.
func vanished(t *testing.T, g *grading.Grader) *net.TCPConn {
	client, bank := peer.PairNoKeepalive(g.Experiment)
	probing := net.KeepAliveConfig{Enable: true, Idle: time.Second, Interval: time.Second, Count: 1}
	require.NoError(t, client.SetKeepAliveConfig(probing))
	link.Vanish(g.Experiment, bank)
	return client
}

// awaitThenWrite writes when the kernel knows of the death, and nobody was told yet.
func awaitThenWrite(g *grading.Grader, conn *net.TCPConn) error {
	kernel.AwaitTCPInfo(g.Experiment, harness.Client, conn, func(i kernel.TCPInfo) bool { return i.State == kernel.Closed })
	return write(conn)
}
