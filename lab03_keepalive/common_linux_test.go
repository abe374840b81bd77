package lab03_keepalive

import (
	"errors"
	"net"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"socketlabs/harness"
	"socketlabs/harness/kernel"
)

// The three system-wide settings of keepalive: ip-sysctl in the kernel's documentation, and tcp(7).
const (
	systemIdle     = "ipv4/tcp_keepalive_time"
	systemInterval = "ipv4/tcp_keepalive_intvl"
	systemCount    = "ipv4/tcp_keepalive_probes"
)

// quickest has the smallest values that the kernel accepts: 1 s, 1 s, and one probe.
var quickest = net.KeepAliveConfig{Enable: true, Idle: 1 * time.Second, Interval: 1 * time.Second, Count: 1}

// patient is like quickest, but its probe count is so large that no outage in these experiments is long enough for all of
// its probes.
var patient = net.KeepAliveConfig{Enable: true, Idle: 1 * time.Second, Interval: 1 * time.Second, Count: 20}

// deathAfter is the time from the last segment received until keepalive times out: see tcp_keepalive_timer() in
// net/ipv4/tcp_timer.c.
func deathAfter(k net.KeepAliveConfig) time.Duration {
	return k.Idle + time.Duration(k.Count)*k.Interval
}

// cause returns the innermost error, which contains no addresses: the story already says which side got the error.
func cause(err error) error {
	for inner := err; inner != nil; inner = errors.Unwrap(inner) {
		err = inner
	}
	return err
}

func readSystemSettings(t *testing.T, x *harness.Experiment) net.KeepAliveConfig {
	t.Helper()
	number := func(name string) int {
		n, err := strconv.Atoi(kernel.SystemSetting(x, name))
		require.NoError(t, err)
		return n
	}
	return net.KeepAliveConfig{
		Idle:     time.Duration(number(systemIdle)) * time.Second,
		Interval: time.Duration(number(systemInterval)) * time.Second,
		Count:    number(systemCount),
	}
}

// setUserTimeout sets TCP_USER_TIMEOUT, and reads it back.
func setUserTimeout(t *testing.T, conn *net.TCPConn, userTimeout time.Duration) {
	t.Helper()
	milliseconds := int(userTimeout.Milliseconds())
	raw, err := conn.SyscallConn()
	require.NoError(t, err)
	require.NoError(t, raw.Control(func(fd uintptr) {
		require.NoError(t, unix.SetsockoptInt(int(fd), unix.IPPROTO_TCP, unix.TCP_USER_TIMEOUT, milliseconds))
		got, err := unix.GetsockoptInt(int(fd), unix.IPPROTO_TCP, unix.TCP_USER_TIMEOUT)
		require.NoError(t, err)
		require.Equal(t, milliseconds, got)
	}))
}

// The kernels of both ends together buffer a few MiB at most: tcp_wmem and tcp_rmem in tcp(7).
const moreThanBuffersHold = 32 << 20

// readByte and writeByte make one call, and return its error.
func readByte(conn *net.TCPConn) error {
	_, err := conn.Read(make([]byte, 1))
	return err
}

func writeByte(conn *net.TCPConn) error {
	_, err := conn.Write([]byte("?"))
	return err
}
