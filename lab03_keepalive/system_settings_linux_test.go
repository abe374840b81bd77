package lab03_keepalive

import (
	"bytes"
	"net"
	"os"
	"strconv"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"socketlabs/harness"
)

// The three settings are files: ip-sysctl, and "/proc interfaces" in tcp(7). Each network namespace
// has its own.
const (
	systemIdle     = "/proc/sys/net/ipv4/tcp_keepalive_time"
	systemInterval = "/proc/sys/net/ipv4/tcp_keepalive_intvl"
	systemCount    = "/proc/sys/net/ipv4/tcp_keepalive_probes"
)

func readSystemSettings(t *testing.T) net.KeepAliveConfig {
	t.Helper()
	number := func(file string) int {
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		n, err := strconv.Atoi(string(bytes.TrimSpace(text)))
		require.NoError(t, err)
		return n
	}
	return net.KeepAliveConfig{
		Idle:     time.Duration(number(systemIdle)) * time.Second,
		Interval: time.Duration(number(systemInterval)) * time.Second,
		Count:    number(systemCount),
	}
}

// TestNewSocketHasSystemSettings: a new socket has keepalive off, and the system's three settings;
// turning it on changes nothing but that.
//
// Claim: K6, K8: three system-wide settings govern it; turning it on merely activates the system's
// mechanism.
// Verdict: holds.
func TestNewSocketHasSystemSettings(t *testing.T) {
	x := harness.Start(t, harness.Linux)
	systemSettingsChange.RLock()
	defer systemSettingsChange.RUnlock()
	want := readSystemSettings(t)
	x.Step("the system says: idle %v, interval %v, %d probes", want.Idle, want.Interval, want.Count)
	fd, err := unix.Socket(harness.Domain(), unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	require.NoError(t, err)
	x.OwnFD(fd)
	assert.Empty(t, cmp.Diff(want, x.KeepaliveFD(fd)), "a new socket (-want +got)")

	x.Step("SO_KEEPALIVE is turned on, as Python's setsockopt does")
	require.NoError(t, unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_KEEPALIVE, 1))
	want.Enable = true
	assert.Empty(t, cmp.Diff(want, x.KeepaliveFD(fd)), "with SO_KEEPALIVE (-want +got)")
}
