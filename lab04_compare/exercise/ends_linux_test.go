package exercise_test

import (
	"context"
	"io"
	"net"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"socketlabs/harness"
	"socketlabs/harness/grading"
	"socketlabs/harness/kernel"
	"socketlabs/harness/link"
	"socketlabs/harness/peer"
	"socketlabs/lab04_compare/exercise"
)

const ourTimeout = 100 * time.Millisecond

// realFailures makes real calls that end with errors, each with a peer of its own.
func realFailures(t *testing.T, g *grading.Grader) (all []failure) {
	dead, deadToo := vanished(t, g), vanished(t, g)
	reset, resetTwice := resetByPeer(t, g), resetByPeer(t, g)
	const (
		connect, send, receive = exercise.Connect, exercise.Send, exercise.Receive
	)
	for _, end := range []struct {
		during exercise.Call
		what   string
		err    error
		want   exercise.Step
	}{
		{connect, "nobody listens", refused(g), exercise.ConnectLater},
		{connect, "nobody answers within our timeout", unanswered(g, ourTimeout), exercise.ConnectLater},
		{connect, "we cancel the connect", canceled(g), exercise.Stop},
		{connect, "our own port is taken", dial(g, peer.ListenNoKeepalive(g.Experiment).Addr()), exercise.Report},
		{send, "the bank does not read, and our deadline passes", stalled(t, g), exercise.CallAgain},
		{send, "the bank's kernel has reset the connection", write(reset), exercise.AskFirst},
		{send, "the bank's kernel has reset the connection, and an earlier send has reported that", secondWrite(resetTwice), exercise.AskFirst},
		{send, "we have closed the connection", write(closedByUs(t, g)), exercise.Stop},
		{receive, "our deadline passes", read(withDeadline(t, pair(g))), exercise.CallAgain},
		{receive, "the bank ends the conversation before it has answered", read(closedByPeer(t, g, "")), exercise.AskFirst},
		{receive, "the bank ends the conversation in the middle of its answer", readAnswer(closedByPeer(t, g, "do")), exercise.AskFirst},
		{receive, "the bank's kernel resets the connection", read(resetByPeer(t, g)), exercise.AskFirst},
		{receive, "we have closed the connection", read(closedByUs(t, g)), exercise.Stop},
		{receive, "our kernel's own timeout has ended the connection", read(dead), exercise.AskFirst},
		{send, "our kernel's own timeout has ended the connection", awaitThenWrite(g, deadToo), exercise.AskFirst},
	} {
		all = append(all, failure{
			during: end.during, bare: describe(end.err), want: end.want, because: end.what, read: slowFromDead,
		})
	}
	return all
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

func canceled(g *grading.Grader) error {
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
	require.NoError(t, conn.SetWriteDeadline(time.Now().Add(ourTimeout)))
	_, err := conn.Write(make([]byte, moreThanBuffersHold))
	return err
}

func withDeadline(t *testing.T, conn *net.TCPConn) net.Conn {
	require.NoError(t, conn.SetReadDeadline(time.Now().Add(ourTimeout)))
	return conn
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

// resetByPeer returns a connection that the bank has reset. The reset has arrived, and no call has reported it yet.
func resetByPeer(t *testing.T, g *grading.Grader) *net.TCPConn {
	client, bank := peer.PairNoKeepalive(g.Experiment)
	require.NoError(t, bank.SetLinger(0))
	require.NoError(t, bank.Close())
	kernel.AwaitTCPInfo(g.Experiment, harness.Client, client, func(i kernel.TCPInfo) bool { return i.State == kernel.Closed })
	return client
}

// secondWrite writes twice, and returns the second error, a broken pipe: the first write reports the reset.
func secondWrite(conn net.Conn) error {
	write(conn)
	return write(conn)
}

// vanished returns a connection to a bank whose host has vanished, with unacknowledged data. TCP_USER_TIMEOUT is 1 ms, so
// our kernel ends the connection soon after the first retransmission.
func vanished(t *testing.T, g *grading.Grader) *net.TCPConn {
	client, bank := peer.PairNoKeepalive(g.Experiment)
	raw, err := client.SyscallConn()
	require.NoError(t, err)
	var failed error
	require.NoError(t, raw.Control(func(fd uintptr) {
		failed = unix.SetsockoptInt(int(fd), unix.IPPROTO_TCP, unix.TCP_USER_TIMEOUT, 1)
	}))
	require.NoError(t, failed)
	link.Vanish(g.Experiment, bank)
	require.NoError(t, write(client))
	return client
}

// awaitThenWrite writes when our kernel has ended the connection, and no call has reported that yet.
func awaitThenWrite(g *grading.Grader, conn *net.TCPConn) error {
	kernel.AwaitTCPInfo(g.Experiment, harness.Client, conn, func(i kernel.TCPInfo) bool { return i.State == kernel.Closed })
	return write(conn)
}
