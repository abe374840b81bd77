package lab02_reuseaddr

import (
	"io"
	"net"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"socketlabs/harness"
	"socketlabs/harness/kernel"
	"socketlabs/harness/link"
	"socketlabs/harness/peer"
	"socketlabs/harness/story"
	"socketlabs/harness/wire"
)

// TestStraySegmentMissesNextConnection: if a stray segment (RFC 1337: an old duplicate) of a closed connection arrives during
// the next connection between the same two addresses, the kernel drops it, because Linux has begun the next connection
// with another initial sequence number.
//
// Claim: R3.
// Verdict: holds.
func TestStraySegmentMissesNextConnection(t *testing.T) {
	x := harness.Start(t, harness.PrivateLoopback, wire.Capture, kernel.SocketTable)
	listener := peer.ListenNoKeepalive(x)
	from, err := net.ResolveTCPAddr("tcp", peer.ReservedAddress(x))
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

	x.Step("a client sends something; the server closes first")
	_, _, stray := endInTimeWait(t, x, call)

	x.Step("the client connects again from its port, and what it sent before arrives again")
	client, server := call()
	_, err = client.Write([]byte("new"))
	require.NoError(t, err)
	kernel.AwaitConnection(x, server.LocalAddr().String(), from.String(), kernel.Established)
	before := len(wire.OfMeaning(wire.Segments(x, client), wire.Retransmission))
	link.Replay(x, stray)
	again := wire.AwaitSegments(x, client, before+1, wire.Retransmission)[before]
	assert.Negative(t, int32(again.Seq), "the old segment's sequence number should be before the client's SYN in the new connection")
	// On Linux 6.12, the server's initial sequence number is 65,537 beyond its last one in the old connection
	// (tcp_timewait_state_process). On Linux 6.1, it comes from a clock that all connections share, and that counts every
	// 64 ns (secure_tcp_seq).
	assert.Negative(t, int32(again.Ack), "the old segment's acknowledgment number should be before the server's SYN")
	require.NoError(t, client.Close())
	all, err := io.ReadAll(server)
	x.Outcome(harness.Server, "Read: %q, %v", all, err)
	assert.NoError(t, err)
	assert.Equal(t, "new", string(all))
}

// TestNextExpectedSegmentIsAccepted: if a segment has the sequence number that the kernel expects next, the kernel accepts its data as
// the peer's, whoever sent it. If the peer itself later sends data with the same sequence numbers, the kernel drops this
// data as a duplicate.
//
// Claim: R3.
// Verdict: holds.
func TestNextExpectedSegmentIsAccepted(t *testing.T) {
	x := harness.Start(t, harness.PrivateLoopback, wire.Capture)
	const wrong, right, mixed = "bad", "good", "badd"
	client, server := peer.PairNoKeepalive(x)
	next := wire.AwaitSegments(x, client, 1, wire.ACK)[0] // has the sequence number that the client will use next

	x.Step("a segment comes with the sequence number that the client will use next")
	link.Forge(x, next, wrong)
	got := read(t, server, len(wrong))
	x.Outcome(harness.Server, "Read: %q", got)
	assert.Equal(t, wrong, got)

	x.Step("the client sends %q", right)
	_, err := client.Write([]byte(right))
	require.NoError(t, err)
	got += read(t, server, len(right)-len(wrong))
	x.Outcome(harness.Server, "Read, in all: %q", got)
	assert.Equal(t, mixed, got)
}

// TestStraySegmentEndsTimeWait: one stray segment can end TIME_WAIT. The server's kernel acknowledges the segment; the
// client's kernel, which no longer knows the connection, answers with a reset; and the reset ends TIME_WAIT, unless
// tcp_rfc1337 is set.
//
// Claim: R3.
// Verdict: holds until something ends TIME_WAIT early; after that, nothing protects against the next stray segment. One stray
// segment ends TIME_WAIT, unless tcp_rfc1337 is set.
//
// Predict: a stray segment (RFC 1337: an old duplicate) of the old connection comes to a socket in TIME_WAIT; what becomes of TIME_WAIT?
//   - [x] it ends at once
//   - [ ] it begins anew: another minute
//   - [ ] nothing: it goes on
func TestStraySegmentEndsTimeWait(t *testing.T) {
	x := harness.Start(t, kernel.SystemSettings, wire.Capture, kernel.SocketTable)
	const setting = "ipv4/tcp_rfc1337" // for IPv6 too: ip-sysctl, and RFC 1337, "TIME-WAIT Assassination"
	open := func() (client, server *net.TCPConn) { return peer.PairNoKeepalive(x) }
	// The reset comes from the side that no longer has the connection: from the server, which gets the stray segment, or from
	// the client, which gets the ACK with which TIME_WAIT answers it.
	resetBy := func(client *net.TCPConn, nth int) story.Lane {
		return wire.AwaitSegments(x, client, nth, wire.RST)[nth-1].From
	}

	x.Step("after a connection is over, one of its segments arrives two more times")
	require.Equal(t, "0", kernel.SystemSetting(x, setting))
	client, server, stray := endInTimeWait(t, x, open)
	link.Replay(x, stray)
	assert.Equal(t, harness.Client, resetBy(client, 1),
		"the client's kernel should send the reset: the server's kernel, in TIME_WAIT, acknowledges the segment")
	kernel.AwaitConnection(x, server.LocalAddr().String(), client.LocalAddr().String()) // TIME_WAIT is gone
	link.Replay(x, stray)
	assert.Equal(t, harness.Server, resetBy(client, 2), "the server's kernel should send the reset: TIME_WAIT is over")

	x.Step("the same with tcp_rfc1337")
	kernel.SetSystemSetting(x, setting, "1")
	client, server, stray = endInTimeWait(t, x, open)
	link.Replay(x, stray)
	assert.Equal(t, harness.Client, resetBy(client, 1))
	kernel.AwaitConnection(x, server.LocalAddr().String(), client.LocalAddr().String(), kernel.TimeWait)
	link.Replay(x, stray)
	assert.Equal(t, harness.Client, resetBy(client, 2), "the client's kernel should send the reset again: TIME_WAIT is not over")
}

// endInTimeWait makes a client send data on a connection, and the server close first. It returns both ends, and the
// segment with that data.
func endInTimeWait(t *testing.T, x *harness.Experiment, open func() (client, server *net.TCPConn)) (
	client, server *net.TCPConn, said wire.Segment) {
	t.Helper()
	for {
		client, server = open()
		_, err := client.Write([]byte("old"))
		require.NoError(t, err)
		require.Equal(t, "old", read(t, server, len("old")))
		closeInTurn(t, server, client)
		if inTimeWait(x, server) {
			all := wire.AwaitSegments(x, client, 1, wire.Data)
			return client, server, all[len(all)-1]
		}
	}
}
