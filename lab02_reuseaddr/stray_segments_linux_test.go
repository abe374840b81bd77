package lab02_reuseaddr

import (
	"io"
	"net"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"socketlabs/harness"
	"socketlabs/harness/timeline"
)

// TestStraySegmentMissesNextConnection: a segment of the old connection that arrives during the next one, between
// the same addresses, is dropped, because Linux begins the next one with other sequence numbers.
//
// Claim: R3.
// Verdict: holds.
func TestStraySegmentMissesNextConnection(t *testing.T) {
	x := harness.Start(t, harness.PrivateLoopback, harness.Wire, harness.SocketTable)
	listener := x.ListenNoKeepalive()
	from, err := net.ResolveTCPAddr("tcp", x.ReservedAddress())
	require.NoError(t, err)
	call := func() (client, server *net.TCPConn) {
		client, err := net.DialTCP("tcp", from, listener.Addr().(*net.TCPAddr))
		require.NoError(t, err)
		x.Own(client)
		server, err = listener.AcceptTCP()
		require.NoError(t, err)
		x.Own(server)
		return client, server
	}

	x.Step("a client says something; the server closes first")
	_, _, stray := endInTimeWait(t, x, call)

	x.Step("the client calls again from its port, and what it said before comes again")
	client, server := call()
	_, err = client.Write([]byte("new"))
	require.NoError(t, err)
	x.AwaitConnection(server.LocalAddr().String(), from.String(), harness.Established)
	before := len(harness.Meaning(x.Segments(client), harness.Retransmission))
	x.Replay(stray)
	again := x.AwaitSegments(client, before+1, harness.Retransmission)[before]
	assert.Negative(t, int32(again.Seq), "as the new connection counts, it is before the client's SYN")
	// Linux 6.12 begins 65,537 numbers beyond the end of the old connection (tcp_timewait_state_process);
	// 6.1 where the clock of all connections stands, which counts every 64 ns (secure_tcp_seq).
	assert.Negative(t, int32(again.Ack), "and before the server's")
	require.NoError(t, client.Close())
	all, err := io.ReadAll(server)
	x.Outcome(harness.Server, "Read: %q, %v", all, err)
	assert.NoError(t, err)
	assert.Equal(t, "new", string(all))
}

// TestSegmentThatFitsIsTaken: a segment whose sequence numbers fit is taken for the peer's, whoever sent it; what
// the peer itself sends there later is dropped as a duplicate.
//
// Claim: R3.
// Verdict: holds.
func TestSegmentThatFitsIsTaken(t *testing.T) {
	x := harness.Start(t, harness.PrivateLoopback, harness.Wire)
	const wrong, right, mixed = "bad", "good", "badd"
	client, server := x.PairNoKeepalive()
	next := x.AwaitSegments(client, 1, harness.ACK)[0] // has the numbers that the client goes on with

	x.Step("a segment comes that has the client's next numbers")
	x.Forge(next, wrong)
	got := read(t, server, len(wrong))
	x.Outcome(harness.Server, "Read: %q", got)
	assert.Equal(t, wrong, got)

	x.Step("the client says %q", right)
	_, err := client.Write([]byte(right))
	require.NoError(t, err)
	got += read(t, server, len(right)-len(wrong))
	x.Outcome(harness.Server, "Read, in all: %q", got)
	assert.Equal(t, mixed, got)
}

// TestStraySegmentEndsTimeWait: one stray segment ends TIME_WAIT: TIME_WAIT acknowledges it, the client's kernel,
// which has no connection any more, answers with a reset, and the reset ends TIME_WAIT, unless tcp_rfc1337 is set.
//
// Claim: R3.
// Verdict: holds as long as nothing ends TIME_WAIT early: one stray segment does, and the next one finds no
// protection, unless tcp_rfc1337 is set.
//
// Predict: a late segment of the old connection comes to a socket in TIME_WAIT; what becomes of TIME_WAIT?
//   - [x] it ends at once
//   - [ ] it begins anew: another minute
//   - [ ] nothing: it goes on
func TestStraySegmentEndsTimeWait(t *testing.T) {
	x := harness.Start(t, harness.SystemSettings, harness.Wire, harness.SocketTable)
	const setting = "ipv4/tcp_rfc1337" // for IPv6 too: ip-sysctl, and RFC 1337, "TIME-WAIT Assassination"
	resetsAfterTwoStrays := func(kept ...harness.SocketState) (by []timeline.Lane) {
		client, server, stray := endInTimeWait(t, x, x.PairNoKeepalive)
		x.Replay(stray)
		x.AwaitSegments(client, 1, harness.RST)
		x.AwaitConnection(server.LocalAddr().String(), client.LocalAddr().String(), kept...)
		x.Replay(stray)
		for _, reset := range x.AwaitSegments(client, 2, harness.RST) {
			by = append(by, reset.From)
		}
		return by
	}

	x.Step("after a connection is over, a segment of it comes again, twice")
	require.Equal(t, "0", x.SystemSetting(setting))
	assert.Equal(t, []timeline.Lane{harness.Client, harness.Server}, resetsAfterTwoStrays())

	x.Step("the same with tcp_rfc1337")
	x.SetSystemSetting(setting, "1")
	assert.Equal(t, []timeline.Lane{harness.Client, harness.Client}, resetsAfterTwoStrays(harness.TimeWait))
}

// endInTimeWait lets a client say something on a connection, and the server close first. It returns
// the segment in which the client said it.
func endInTimeWait(t *testing.T, x *harness.Experiment, open func() (client, server *net.TCPConn)) (
	client, server *net.TCPConn, said harness.Segment) {
	t.Helper()
	for {
		client, server = open()
		_, err := client.Write([]byte("old"))
		require.NoError(t, err)
		require.Equal(t, "old", read(t, server, len("old")))
		closeInTurn(t, server, client)
		if inTimeWait(x, server) {
			all := x.AwaitSegments(client, 1, harness.Data)
			return client, server, all[len(all)-1]
		}
	}
}

func read(t *testing.T, from net.Conn, n int) string {
	t.Helper()
	got := make([]byte, n)
	_, err := io.ReadFull(from, got)
	require.NoError(t, err)
	return string(got)
}
