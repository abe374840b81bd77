package lab01_timeout

import (
	"context"
	"net"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"socketlabs/harness"
	"socketlabs/harness/kernel"
	"socketlabs/harness/link"
	"socketlabs/harness/peer"
	"socketlabs/harness/wire"
)

// firstSYNTimeout is how long the kernel waits for the answer to the first SYN: TCP_TIMEOUT_INIT, RFC 6298. After a
// retransmission, the kernel waits twice as long as before. Since Linux 6.5, the first few retransmissions don't lengthen the
// wait: tcp_syn_linear_timeouts in ip-sysctl.
const firstSYNTimeout = 1 * time.Second

// TestSYNCountLimitsConnect: with TCP_SYNCNT = 1, the kernel ends an unanswered connect after 3 s, with ETIMEDOUT. With the
// system's limit, a connect goes on waiting.
//
// Claim: T2.
// Verdict: holds.
//
// Source: RFC 6298: the kernel waits 1 s after the SYN, and 2 s after the only retransmission. Since Linux 6.5, it
// sends more SYNs in the same 3 s: see TestFirstSYNsAreASecondApart. TestConnectWithoutTimeoutTakesMinutes shows when a
// connect with no timeout ends.
func TestSYNCountLimitsConnect(t *testing.T) {
	x := harness.Start(t, peer.UnansweredConnects)
	const (
		retries = 1
		givesUp = firstSYNTimeout + 2*firstSYNTimeout
	)
	full := peer.FullBacklog(x)
	ctx, giveUp := context.WithCancel(t.Context())
	defer giveUp()
	control := x.Begin(harness.Client, "Dial with the system's limit", func() error {
		_, err := new(net.Dialer).DialContext(ctx, "tcp", full)
		return err
	})

	x.Step("the client dials a listener whose backlog is full, with TCP_SYNCNT = %d", retries)
	var option error
	dialer := net.Dialer{Control: func(_, _ string, conn syscall.RawConn) error {
		return conn.Control(func(fd uintptr) {
			option = unix.SetsockoptInt(int(fd), unix.IPPROTO_TCP, unix.TCP_SYNCNT, retries)
		})
	}}
	begun := time.Now()
	_, err := dialer.Dial("tcp", full)
	took := time.Since(begun)
	x.Outcome(harness.Client, "Dial: %v", err)

	assert.NoError(t, option)
	assert.ErrorIs(t, err, syscall.ETIMEDOUT)
	assert.False(t, isOurTimeout(err), "the kernel should end the dial, not a timeout of Go; got: %v", err)
	x.AssertAtLeast(took, givesUp-harness.Tick())
	control.AssertStillWaiting()
}

// TestUserTimeoutLimitsConnect: TCP_USER_TIMEOUT bounds a connect, too. The kernel first looks at this option when the
// first SYN has been unanswered for a second. So a timeout of less than a second ends the connect after a second.
//
// Claim: T2.
// Verdict: holds if the timeout is at least a second: the kernel treats a shorter timeout as a second.
//
// Predict: TCP_USER_TIMEOUT is 500 ms, and nobody answers the SYN; when does connect give up?
//   - [ ] after 500 ms
//   - [ ] after over two minutes: the option is for data
//   - [x] after a second: the kernel does not look at the option earlier
func TestUserTimeoutLimitsConnect(t *testing.T) {
	t.Parallel()
	for _, limit := range []struct {
		name             string
		timeout, givesUp time.Duration
	}{
		{"a timeout shorter than a second", 500 * time.Millisecond, firstSYNTimeout},
		{"a timeout longer than a second", 1500 * time.Millisecond, 1500 * time.Millisecond},
	} {
		t.Run(limit.name, func(t *testing.T) {
			x := harness.Start(t, peer.UnansweredConnects)
			full := peer.FullBacklog(x)
			ctx, giveUp := context.WithCancel(t.Context())
			defer giveUp()
			control := x.Begin(harness.Client, "Dial with the system's limit", func() error {
				_, err := new(net.Dialer).DialContext(ctx, "tcp", full)
				return err
			})

			x.Step("the client dials a listener whose backlog is full, with TCP_USER_TIMEOUT = %v", limit.timeout)
			var option error
			dialer := net.Dialer{Control: func(_, _ string, conn syscall.RawConn) error {
				return conn.Control(func(fd uintptr) {
					option = unix.SetsockoptInt(int(fd), unix.IPPROTO_TCP, unix.TCP_USER_TIMEOUT, int(limit.timeout.Milliseconds()))
				})
			}}
			begun := time.Now()
			_, err := dialer.Dial("tcp", full)
			took := time.Since(begun)
			x.Outcome(harness.Client, "Dial: %v", err)

			assert.NoError(t, option)
			assert.ErrorIs(t, err, syscall.ETIMEDOUT)
			x.AssertAtLeast(took, limit.givesUp-harness.Tick())
			control.AssertStillWaiting()
		})
	}
}

// TestCloseOfUnansweredConnectIsSilent: a client that gives up on an unanswered connect sends nothing: no FIN and no
// reset. The close of an established connection sends a FIN.
//
// Claim: Beyond the chapter.
//
// Predict: a dial times out while its SYN is unanswered; what does the client's kernel send when the socket is closed?
//   - [ ] a FIN
//   - [ ] a reset
//   - [x] nothing
func TestCloseOfUnansweredConnectIsSilent(t *testing.T) {
	x := harness.Start(t, link.VanishingPeers, kernel.SocketTable, wire.Capture)
	listener := peer.ListenNoKeepalive(x)
	address := listener.Addr().String()
	control := peer.DialNoKeepalive(x, address)

	x.Step("the server's host vanishes, and a client dials it with a context")
	link.Vanish(x, listener)
	ctx, cancel := context.WithCancel(t.Context())
	dial := x.Begin(harness.Client, "DialContext", func() error {
		_, err := new(net.Dialer).DialContext(ctx, "tcp", address)
		return err
	})
	syn := wire.AwaitSegment(x, func(s wire.Segment) bool { return s.Meaning == wire.SYN && s.Unheard })
	kernel.AwaitConnection(x, syn.Client, address, kernel.SynSent)

	x.Step("the client gives up; a connection to the same server, from before, is closed as well")
	cancel()
	require.ErrorIs(t, dial.Wait(), context.Canceled)
	kernel.AwaitConnection(x, syn.Client, address) // given no state, it waits until nothing is left
	require.NoError(t, control.Close())
	wire.AwaitSegments(x, control, 2, wire.ACK) // one ends the handshake, one acknowledges the FIN
	for _, s := range wire.All(x) {
		if s.Connection == syn.Connection {
			assert.Equal(t, "S", s.Flags, "the client should send nothing but SYNs; it sent: %s", s)
		}
	}
}
