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

// The kernel waits one second for the answer to a SYN (TCP_TIMEOUT_INIT, RFC 6298), and twice as
// long after each time that it sends the SYN again.
const firstSYNTimeout = 1 * time.Second

// TestSYNCountLimitsConnect: with TCP_SYNCNT the kernel itself gives up a connect, after so many
// SYNs sent again; the error is its own, ETIMEDOUT.
//
// Claim: T2.
// Verdict: holds if one counts the kernel's limit too: a connect with no time-out does not wait for
// ever, but for over two minutes.
func TestSYNCountLimitsConnect(t *testing.T) {
	x := harness.Start(t, peer.UnansweredConnects)
	const (
		again   = 1 // SYNs sent again, of 1..255: TCP_SYNCNT in tcp(7)
		givesUp = firstSYNTimeout + 2*firstSYNTimeout
	)
	full := peer.FullBacklog(x)
	ctx, giveUp := context.WithCancel(t.Context())
	defer giveUp()
	control := x.Begin(harness.Client, "Dial with the system's limit", func() error {
		_, err := new(net.Dialer).DialContext(ctx, "tcp", full)
		return err
	})

	begun := x.Step("the client dials a listener whose backlog is full, with TCP_SYNCNT = %d", again)
	var option error
	dialer := net.Dialer{Control: func(_, _ string, conn syscall.RawConn) error {
		return conn.Control(func(fd uintptr) {
			option = unix.SetsockoptInt(int(fd), unix.IPPROTO_TCP, unix.TCP_SYNCNT, again)
		})
	}}
	_, err := dialer.Dial("tcp", full)
	x.Outcome(harness.Client, "Dial: %v", err)

	assert.NoError(t, option)
	assert.ErrorIs(t, err, syscall.ETIMEDOUT)
	assert.False(t, isDialTimeout(err), "it was Go's time-out, not the kernel's: %v", err)
	x.AssertNeverEarlier(begun, givesUp-harness.Tick())
	control.AssertStillWaiting()
}

// TestUserTimeoutLimitsConnect: TCP_USER_TIMEOUT bounds a connect as well, but it is looked at only
// when the first SYN has gone unanswered: less than a second is of no use.
//
// Claim: T2.
// Verdict: holds.
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

			begun := x.Step("the client dials a listener whose backlog is full, with TCP_USER_TIMEOUT = %v", limit.timeout)
			var option error
			dialer := net.Dialer{Control: func(_, _ string, conn syscall.RawConn) error {
				return conn.Control(func(fd uintptr) {
					option = unix.SetsockoptInt(int(fd), unix.IPPROTO_TCP, unix.TCP_USER_TIMEOUT, int(limit.timeout.Milliseconds()))
				})
			}}
			_, err := dialer.Dial("tcp", full)
			x.Outcome(harness.Client, "Dial: %v", err)

			assert.NoError(t, option)
			assert.ErrorIs(t, err, syscall.ETIMEDOUT)
			x.AssertNeverEarlier(begun, limit.givesUp-harness.Tick())
			control.AssertStillWaiting()
		})
	}
}

// TestConnectWithoutTimeoutTakesMinutes: with no time-out at all, the kernel gives a connect up after
// the last of six SYNs sent again: over two minutes.
//
// Claim: T1.
// Verdict: holds if two minutes count as for ever: then the kernel ends it, with ETIMEDOUT.
// Claim: T8.
// Verdict: holds, but the kernel has a limit of its own: it ends a connect after over two minutes.
func TestConnectWithoutTimeoutTakesMinutes(t *testing.T) {
	x := harness.Start(t, peer.UnansweredConnects, harness.LongTimers)
	// tcp_syn_retries is 6: 1 + 2 + 4 + … + 64 s. Since Linux 6.5 four more are sent, a second
	// apart, before the time between them grows (tcp_syn_linear_timeouts in ip-sysctl).
	const givesUp = (1<<7 - 1) * firstSYNTimeout
	full := peer.FullBacklog(x)

	begun := x.Step("the client dials a listener whose backlog is full, with no time-out")
	_, err := net.Dial("tcp", full)
	x.Outcome(harness.Client, "Dial: %v", err)

	assert.ErrorIs(t, err, syscall.ETIMEDOUT)
	x.AssertNeverEarlier(begun, givesUp-harness.Tick())
}
