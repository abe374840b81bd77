package lab01_timeout

import (
	"context"
	"io"
	"net"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"socketlabs/harness"
	"socketlabs/harness/link"
	"socketlabs/harness/peer"
)

// TestDialTimeoutGivesUp: a dial with a timeout gives up on a handshake that nobody answers. A dial with no timeout
// goes on waiting.
//
// Claim: T2.
// Verdict: holds.
//
// Source: TestConnectWithoutTimeoutTakesMinutes shows how long a dial with no timeout waits: on Linux, more than two
// minutes.
func TestDialTimeoutGivesUp(t *testing.T) {
	x := harness.Start(t, peer.UnansweredConnects)
	const patience = 300 * time.Millisecond
	full := peer.FullBacklog(x)

	x.Step("one client dials a listener whose backlog is full, with no timeout")
	ctx, giveUp := context.WithCancel(t.Context())
	defer giveUp()
	control := x.Begin(harness.Client, "Dial with no timeout", func() error {
		_, err := new(net.Dialer).DialContext(ctx, "tcp", full)
		return err
	})

	x.Step("another client dials with a timeout of %v", patience)
	dialer := net.Dialer{Timeout: patience}
	begun := time.Now()
	_, err := dialer.Dial("tcp", full)
	took := time.Since(begun)
	x.Outcome(harness.Client, "Dial with a timeout: %v", err)

	assert.True(t, isOurTimeout(err), "Dial should time out; got: %v", err)
	x.AssertAtLeast(took, patience)
	control.AssertStillWaiting()
}

// TestDialTimeoutAgainstVanishedListener: when the server's host has vanished, and no ICMP error says so, a dial waits
// until its timeout. A dial with no timeout goes on waiting, and connects if the host is back when the kernel sends its
// next SYN.
//
// Claim: T1.
// Verdict: holds if no ICMP error says that the host can't be reached: see TestICMPErrorEndsConnectAtOnce.
// Claim: T2.
// Verdict: holds.
//
// Source: tcp_syn_retries and tcp_syn_linear_timeouts in ip-sysctl: by default, Linux sends the last SYN 63 s after the
// first; since Linux 6.5, it does so 67 s after the first. A host that returns later gets no SYN, although the dial waits
// for another minute. TestConnectWithoutTimeoutTakesMinutes shows when the dial ends.
func TestDialTimeoutAgainstVanishedListener(t *testing.T) {
	x := harness.Start(t, link.VanishingPeers)
	const patience = 300 * time.Millisecond
	listener := peer.ListenNoKeepalive(x)
	address := listener.Addr().String()

	x.Step("the server's host vanishes, and a client dials with no timeout")
	link.Vanish(x, listener)
	control := x.Begin(harness.Client, "Dial with no timeout", func() error {
		conn, err := net.Dial("tcp", address)
		if err == nil {
			x.Own(conn)
		}
		return err
	})

	x.Step("another client dials with a timeout of %v", patience)
	dialer := net.Dialer{Timeout: patience}
	begun := time.Now()
	_, err := dialer.Dial("tcp", address)
	took := time.Since(begun)
	x.Outcome(harness.Client, "Dial with a timeout: %v", err)

	assert.True(t, isOurTimeout(err), "Dial should time out; got: %v (if Dial has connected, the host has not vanished)", err)
	x.AssertAtLeast(took, patience)
	control.AssertStillWaiting()

	x.Step("the host returns: it answers the next SYN of the dial that still waits")
	link.Return(x, listener)
	assert.NoError(t, control.Wait())
}

// TestContextCancelsDial: canceling the context of a dial ends the dial. Its error is not a timeout.
//
// Claim: Beyond the chapter.
func TestContextCancelsDial(t *testing.T) {
	x := harness.Start(t, peer.UnansweredConnects)
	full := peer.FullBacklog(x)

	x.Step("the client dials a listener whose backlog is full, with a context and no timeout")
	ctx, cancel := context.WithCancel(t.Context())
	dial := x.Begin(harness.Client, "DialContext", func() error {
		_, err := new(net.Dialer).DialContext(ctx, "tcp", full)
		return err
	})
	dial.AssertStillWaiting()

	x.Step("the context is canceled")
	cancel()
	err := dial.Wait()

	assert.ErrorIs(t, err, context.Canceled)
	assert.False(t, isOurTimeout(err), "a canceled dial should not look like a timeout")
}

// TestCancelAfterDialDoesNoHarm: canceling the context of a dial that has connected leaves the connection alone. The
// next dial with that context fails.
//
// Claim: T6.
// Verdict: holds.
//
// Predict: DialContext has connected, and now its context is canceled; what happens to the connection?
//   - [ ] it is closed
//   - [ ] calls that wait on it fail with context.Canceled
//   - [x] nothing: the context was only for the dial
func TestCancelAfterDialDoesNoHarm(t *testing.T) {
	x := harness.Start(t)
	echo := peer.Serve(x, func(_ context.Context, conn *net.TCPConn) { io.Copy(conn, conn) })

	x.Step("the client dials with a context, and a read waits on the connection")
	ctx, cancel := context.WithCancel(t.Context())
	conn, err := new(net.Dialer).DialContext(ctx, "tcp", echo)
	require.NoError(t, err)
	x.Own(conn)
	read := x.Begin(harness.Client, "Read", func() error {
		_, err := conn.Read(make([]byte, 1))
		return err
	})

	x.Step("the context is canceled")
	cancel()
	_, err = new(net.Dialer).DialContext(ctx, "tcp", echo)
	x.Outcome(harness.Client, "another dial with the same context: %v", err)
	assert.ErrorIs(t, err, context.Canceled)
	read.AssertStillWaiting()

	x.Step("the client sends a byte, and the server sends it back")
	_, err = conn.Write([]byte("!"))
	x.Outcome(harness.Client, "Write: %v", err)
	assert.NoError(t, err)
	assert.NoError(t, read.Wait())
}
