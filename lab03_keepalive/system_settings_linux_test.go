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

// TestSystemSettingsTakeOverTwoHours: with the system's own settings, a vanished peer is found after
// more than two hours.
//
// Claim: K4, K8: a peer that answers no probe is declared dead; turning keepalive on activates the
// system's mechanism, with the system's settings.
// Verdict: holds if two hours and eleven minutes are soon enough: tcp_keepalive_time in tcp(7).
func TestSystemSettingsTakeOverTwoHours(t *testing.T) {
	x := harness.Start(t, harness.VanishingPeers, harness.LongTimers)
	systemSettingsChange.RLock()
	settings := readSystemSettings(t)
	begun := x.Step("a client connects, and turns keepalive on, with the system's settings")
	client, server := x.Pair()
	require.NoError(t, client.SetKeepAlive(true))
	systemSettingsChange.RUnlock()

	x.Step("the server's host vanishes; the client reads, with no deadline")
	x.Vanish(server)
	_, err := client.Read(make([]byte, 1))
	x.Outcome(harness.Client, "Read: %v", err)
	assert.ErrorIs(t, err, unix.ETIMEDOUT)
	x.AssertNeverEarlier(begun, deathAfter(settings)-harness.Tick)
	assert.Equal(t, settings.Count, x.TCPInfo(harness.Client, client).Probes)
}

// TestGoSettingsTakeMinutes: with Go's own settings, a vanished peer is found after two and a half
// minutes.
//
// Claim: K4: a peer that answers no probe is declared dead.
// Verdict: holds if two and a half minutes are soon enough.
func TestGoSettingsTakeMinutes(t *testing.T) {
	x := harness.Start(t, harness.VanishingPeers, harness.LongTimers)
	begun := x.Step("a client dials, and asks for nothing")
	client, server := connect(t, x, net.Dialer{}, net.ListenConfig{})

	x.Step("the server's host vanishes; the client reads, with no deadline")
	x.Vanish(server)
	_, err := client.Read(make([]byte, 1))
	x.Outcome(harness.Client, "Read: %v", err)
	assert.ErrorIs(t, err, unix.ETIMEDOUT)
	x.AssertNeverEarlier(begun, deathAfter(goDefault)-harness.Tick)
	assert.Equal(t, goDefault.Count, x.TCPInfo(harness.Client, client).Probes)
}
