package lab01_timeout

import (
	"context"
	"net"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"golang.org/x/sys/unix"

	"socketlabs/harness"
	"socketlabs/harness/peer"
)

// The kernel waits one second for the answer to a SYN (TCP_TIMEOUT_INIT, RFC 6298), and twice as long after each
// retransmission.
const firstSYNTimeout = 1 * time.Second

// TestSYNCountLimitsConnect: with TCP_SYNCNT the kernel itself gives up on a connect that nobody answers, after so
// many retransmitted SYNs. The error is its own, ETIMEDOUT.
//
// Claim: T2.
// Verdict: holds.
func TestSYNCountLimitsConnect(t *testing.T) {
	x := harness.Start(t, peer.UnansweredConnects)
	const (
		again   = 1 // SYNs retransmitted, of 1..255: TCP_SYNCNT in tcp(7)
		givesUp = firstSYNTimeout + 2*firstSYNTimeout
	)
	full := peer.FullBacklog(x)
	ctx, giveUp := context.WithCancel(t.Context())
	defer giveUp()
	control := x.Begin(harness.Client, "Dial with the system's limit", func() error {
		_, err := new(net.Dialer).DialContext(ctx, "tcp", full)
		return err
	})

	x.Step("the client dials a listener whose backlog is full, with TCP_SYNCNT = %d", again)
	var option error
	dialer := net.Dialer{Control: func(_, _ string, conn syscall.RawConn) error {
		return conn.Control(func(fd uintptr) {
			option = unix.SetsockoptInt(int(fd), unix.IPPROTO_TCP, unix.TCP_SYNCNT, again)
		})
	}}
	begun := time.Now()
	_, err := dialer.Dial("tcp", full)
	took := time.Since(begun)
	x.Outcome(harness.Client, "Dial: %v", err)

	assert.NoError(t, option)
	assert.ErrorIs(t, err, syscall.ETIMEDOUT)
	assert.False(t, isOurTimeout(err), "it was Go's timeout, not the kernel's: %v", err)
	x.AssertAtLeast(took, givesUp-harness.Tick())
	control.AssertStillWaiting()
}

// TestUserTimeoutLimitsConnect: TCP_USER_TIMEOUT bounds a connect as well, but the kernel looks at it only when
// the first SYN has gone unanswered for a second: a shorter timeout ends the connect after a second.
//
// Claim: T2.
// Verdict: holds if the timeout is at least a second: the kernel takes a shorter one for a second.
//
// Predict: TCP_USER_TIMEOUT is 500 ms, and nobody answers the SYN; when does connect give up?
//   - [ ] after 500 ms
//   - [ ] after over two minutes: the option is for data
//   - [x] not before a second has passed
func TestUserTimeoutLimitsConnect(t *testing.T) {
	t.Parallel()
	for _, limit := range []struct {
		name             string
		timeout, givesUp time.Duration
	}{
		{"shorter than the first wait", 500 * time.Millisecond, firstSYNTimeout},
		{"longer than the first wait", 1500 * time.Millisecond, 1500 * time.Millisecond},
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

// TestConnectWithoutTimeoutTakesMinutes: with no timeout of ours, the kernel gives up on a connect that nobody
// answers after over two minutes, by default, with ETIMEDOUT.
//
// Claim: T1.
// Verdict: holds, but not forever: after over two minutes, by default, the kernel ends the connect.
// Claim: T8.
// Verdict: holds, but the kernel has a limit of its own on connect.
func TestConnectWithoutTimeoutTakesMinutes(t *testing.T) {
	x := harness.Start(t, peer.UnansweredConnects, harness.LongTimers)
	// Six SYNs are retransmitted (tcp_syn_retries): 1 + 2 + 4 + … + 64 s. Since Linux 6.5 there are four more, a second
	// apart, before the time between them grows (tcp_syn_linear_timeouts in ip-sysctl).
	const givesUp = (1<<7 - 1) * firstSYNTimeout
	full := peer.FullBacklog(x)

	x.Step("the client dials a listener whose backlog is full, with no timeout")
	begun := time.Now()
	_, err := net.Dial("tcp", full)
	took := time.Since(begun)
	x.Outcome(harness.Client, "Dial: %v", err)

	assert.ErrorIs(t, err, syscall.ETIMEDOUT)
	x.AssertAtLeast(took, givesUp-harness.Tick())
}
