package lab01_timeout

import (
	"errors"
	"net"
	"os"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"socketlabs/harness"
	"socketlabs/harness/kernel"
	"socketlabs/harness/peer"
)

// TestConnectWithoutTimeoutTakesMinutes: an unanswered connect with no timeout fails with ETIMEDOUT after more than two
// minutes, by default: nominally, the kernel gives up after 127 s, and since Linux 6.5 after 131 s.
//
// Claim: T1.
// Verdict: holds, but the wait is not endless: by default, the kernel ends the connect after more than two minutes.
// Claim: T8.
// Verdict: holds, but the kernel has a limit of its own on connect.
func TestConnectWithoutTimeoutTakesMinutes(t *testing.T) {
	x := harness.Start(t, peer.UnansweredConnects, harness.LongTimers, kernel.Proc)
	const atLeast = (1<<7 - 1) * firstSYNTimeout // on any kernel, with the default of six retries
	retries, err := strconv.Atoi(kernel.SystemSetting(x, "ipv4/tcp_syn_retries"))
	require.NoError(t, err)
	givesUp := connectTimeout(retries, linearSYNs(t))
	full := peer.FullBacklog(x)

	x.Step("the client dials a listener whose backlog is full, with no timeout; nominally, the dial takes %v", givesUp)
	begun := time.Now()
	_, err = net.Dial("tcp", full)
	took := time.Since(begun)
	x.Outcome(harness.Client, "Dial: %v", err)

	assert.ErrorIs(t, err, syscall.ETIMEDOUT)
	assert.GreaterOrEqual(t, givesUp, atLeast)
	x.AssertAtLeast(took, givesUp-harness.Tick())
}

// TestLinearSYNsLengthenConnect: since Linux 6.5, the kernel ends an unanswered connect with TCP_SYNCNT = 3 after 19 s.
// Before Linux 6.5, it ended the connect after 15 s.
//
// Claim: T2.
// Verdict: holds, but TCP_SYNCNT = 3 bounds a connect at 19 s since Linux 6.5, and at 15 s before.
//
// Source: tcp_write_timeout() in the kernel's net/ipv4/tcp_timer.c: the limit is 15 s in every version, but the
// kernel checks it only when the wait after a SYN ends. Since Linux 6.5, the first waits are shorter, so the waits
// end at other times: one ends 11 s after the first SYN, and the next one 19 s after the first SYN.
func TestLinearSYNsLengthenConnect(t *testing.T) {
	x := harness.Start(t, peer.UnansweredConnects, harness.LongTimers)
	const retries = 3
	givesUp := connectTimeout(retries, linearSYNs(t))
	full := peer.FullBacklog(x)

	x.Step("the client dials a listener whose backlog is full, with TCP_SYNCNT = %d; nominally, the dial takes %v", retries, givesUp)
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
	x.AssertAtLeast(took, givesUp-harness.Tick())
}

// connectTimeout is the nominal time after which the kernel gives up on a connect. The kernel waits after each SYN. When
// a wait ends, the kernel gives up if the limit is reached. The limit is how long the retries would take if each wait were
// twice as long as the one before. In fact, the first wait, and as many more as there are linear timeouts (linearSYNs), have
// the same length, and only the later waits double. See tcp_write_timeout() and tcp_retransmit_timer() in net/ipv4/tcp_timer.c.
func connectTimeout(retries, linear int) (givesUp time.Duration) {
	limit := (1<<(retries+1) - 1) * firstSYNTimeout
	wait := firstSYNTimeout
	for over := 1; ; over++ {
		givesUp += wait
		if givesUp >= limit {
			return givesUp
		}
		if over > linear {
			wait *= 2
		}
	}
}

// TestFirstSYNsAreASecondApart: since Linux 6.5, the kernel sends the first SYNs a second apart. Before Linux 6.5, it
// doubled the wait after each SYN.
//
// Claim: Beyond the chapter.
//
// Source: tcp_syn_linear_timeouts in ip-sysctl: by default, the kernel waits a second after the SYN and after each of the
// first four retransmissions. Only then does the wait double each time. TestLinearSYNsLengthenConnect shows how this
// changes the time after which connect ends.
//
// Predict: nobody answers the SYN of a connect; when does Linux 6.5 or later send it for the third time, by default?
//   - [ ] after 3 s: it waits one second, then two
//   - [x] after 2 s: it waits one second, then one more
//   - [ ] after 1 s: it waits half a second, twice
func TestFirstSYNsAreASecondApart(t *testing.T) {
	x := harness.Start(t, peer.UnansweredConnects, kernel.Proc)
	const retransmissions = 2
	full := peer.FullBacklog(x)
	linear := linearSYNs(t)

	x.Step("the client connects to a listener whose backlog is full, on a non-blocking socket")
	fd, err := unix.Socket(harness.Domain(), unix.SOCK_STREAM|unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC, 0)
	require.NoError(t, err)
	connecting := os.NewFile(uintptr(fd), "connecting")
	x.Own(connecting)
	begun := time.Now()
	require.ErrorIs(t, unix.Connect(fd, x.Sockaddr(full)), unix.EINPROGRESS)
	info := kernel.AwaitTCPInfo(x, harness.Client, connecting, func(i kernel.TCPInfo) bool { return i.Retransmits >= retransmissions })
	took := time.Since(begun)
	x.Outcome(harness.Client, "the SYN was sent again %d times; the next wait is %v", info.Retransmits, info.Timeout)

	assert.Equal(t, kernel.SynSent, info.State)
	doublings := max(0, info.Retransmits-linear)
	assert.Equal(t, firstSYNTimeout<<doublings, info.Timeout, "the RTO, which is the time until the next SYN")
	x.AssertAtLeast(took, retransmissions*firstSYNTimeout-harness.Tick())
}

// linearSYNs is the number of retransmissions with a linear timeout: after each of them, the kernel waits only as long as
// after the first SYN. It is zero before Linux 6.5.
func linearSYNs(t *testing.T) int {
	setting, err := os.ReadFile("/proc/sys/net/ipv4/tcp_syn_linear_timeouts")
	if errors.Is(err, os.ErrNotExist) {
		return 0
	}
	require.NoError(t, err)
	n, err := strconv.Atoi(strings.TrimSpace(string(setting)))
	require.NoError(t, err)
	return n
}
