package lab03_keepalive

import (
	"net"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"socketlabs/harness"
	"socketlabs/harness/kernel"
	"socketlabs/harness/link"
	"socketlabs/harness/peer"
)

// The three settings: ip-sysctl in the kernel's documentation, and tcp(7).
const (
	systemIdle     = "ipv4/tcp_keepalive_time"
	systemInterval = "ipv4/tcp_keepalive_intvl"
	systemCount    = "ipv4/tcp_keepalive_probes"
)

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

// TestNewSocketHasSystemSettings: a new socket has keepalive off, and the system's three settings;
// turning it on changes nothing but that.
//
// Claim: K6, K8.
// Verdict: holds.
func TestNewSocketHasSystemSettings(t *testing.T) {
	x := harness.Start(t, harness.Linux)
	systemSettingsChange.RLock()
	defer systemSettingsChange.RUnlock()
	want := readSystemSettings(t, x)
	x.Step("the system says: idle %v, interval %v, %d probes", want.Idle, want.Interval, want.Count)
	fd, err := unix.Socket(harness.Domain(), unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	require.NoError(t, err)
	x.OwnFD(fd)
	assert.Empty(t, cmp.Diff(want, kernel.KeepaliveFD(x, fd)), "a new socket (-want +got)")

	x.Step("SO_KEEPALIVE is turned on")
	require.NoError(t, unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_KEEPALIVE, 1))
	want.Enable = true
	assert.Empty(t, cmp.Diff(want, kernel.KeepaliveFD(x, fd)), "with SO_KEEPALIVE (-want +got)")
}

// TestSystemDefaultIsTwoHours: a system on which nobody has set anything waits two hours, and then
// sends 9 probes, one every 75 seconds.
//
// Claim: K6.
// Verdict: holds.
func TestSystemDefaultIsTwoHours(t *testing.T) {
	x := harness.Start(t, harness.PrivateLoopback) // where the settings are new
	systemSettingsChange.RLock()
	defer systemSettingsChange.RUnlock()
	got := readSystemSettings(t, x)
	x.Step("the system says: idle %v, interval %v, %d probes", got.Idle, got.Interval, got.Count)
	// TCP_KEEPALIVE_TIME, TCP_KEEPALIVE_INTVL and TCP_KEEPALIVE_PROBES in include/net/tcp.h.
	want := net.KeepAliveConfig{Idle: 2 * time.Hour, Interval: 75 * time.Second, Count: 9}
	assert.Empty(t, cmp.Diff(want, got), "(-want +got)")
}

// TestChangedSystemSettingsAndExistingConnections: a change of the system's settings holds for new
// connections at once. An existing one without settings of its own has the new ones too, but its
// timer runs on as it was set: only where keepalive is turned off and on again do they govern it.
//
// Claim: K6.
// Verdict: holds if the connection is new, or turns keepalive on anew, and has no settings of its own.
//
// Predict: tcp_keepalive_time is lowered from two hours to 1 s; what of an idle connection that has keepalive on?
//   - [ ] it is probed after a second
//   - [x] its option reads 1 s, and no probe is sent
//   - [ ] its option reads two hours, and no probe is sent
func TestChangedSystemSettingsAndExistingConnections(t *testing.T) {
	x := harness.Start(t, link.VanishingPeers, kernel.SystemSettings)
	systemSettingsChange.Lock()
	x.Own(unlocking{&systemSettingsChange}) // after the settings are put back
	x.Step("three clients connect; two turn keepalive on, one with settings of its own")
	existing, existingServer := peer.PairNoKeepalive(x)
	require.NoError(t, existing.SetKeepAlive(true))
	anew, anewServer := peer.PairNoKeepalive(x)
	require.NoError(t, anew.SetKeepAlive(true))
	independent, _ := peer.PairNoKeepalive(x)
	require.NoError(t, independent.SetKeepAliveConfig(goDefault))

	kernel.SetSystemSetting(x, systemIdle, strconv.Itoa(int(quickest.Idle.Seconds())))
	kernel.SetSystemSetting(x, systemInterval, strconv.Itoa(int(quickest.Interval.Seconds())))
	kernel.SetSystemSetting(x, systemCount, strconv.Itoa(quickest.Count))
	begun := x.Step("another client connects; it and one of the first turn keepalive on (again)")
	fresh, freshServer := peer.PairNoKeepalive(x)
	require.NoError(t, fresh.SetKeepAlive(true))
	require.NoError(t, anew.SetKeepAlive(false))
	require.NoError(t, anew.SetKeepAlive(true))
	assert.Empty(t, cmp.Diff(quickest, kernel.Keepalive(x, fresh)), "the new one (-want +got)")
	assert.Empty(t, cmp.Diff(quickest, kernel.Keepalive(x, existing)), "the one from before (-want +got)")
	assert.Empty(t, cmp.Diff(goDefault, kernel.Keepalive(x, independent)), "the one with its own (-want +got)")

	x.Step("the servers' hosts vanish")
	for _, server := range []*net.TCPConn{existingServer, anewServer, freshServer} {
		link.Vanish(x, server)
	}
	for name, client := range map[string]*net.TCPConn{"the new one": fresh, "the one that began anew": anew} {
		_, err := client.Read(make([]byte, 1))
		x.Outcome(harness.Client, "Read of %s: %v", name, cause(err))
		assert.ErrorIs(t, err, unix.ETIMEDOUT, name)
	}
	x.AssertNeverEarlier(begun, deathAfter(quickest)-harness.Tick())
	info := kernel.ReadTCPInfo(x, harness.Client, existing)
	assert.Equal(t, kernel.Established, info.State, "the one from before")
	assert.Zero(t, info.Probes, "the one from before")
}

// unlocking unlocks, when the experiment closes what it owns.
type unlocking struct{ *sync.RWMutex }

func (u unlocking) Close() error {
	u.Unlock()
	return nil
}

// TestSystemSettingsTakeOverTwoHours: with the system's own settings, a vanished peer is found after
// more than two hours.
//
// Claim: K4.
// Verdict: holds if over two hours are soon enough.
func TestSystemSettingsTakeOverTwoHours(t *testing.T) {
	x := harness.Start(t, link.VanishingPeers, harness.LongTimers)
	systemSettingsChange.RLock()
	settings := readSystemSettings(t, x)
	begun := x.Step("a client connects, and turns keepalive on, with the system's settings")
	client, server := peer.PairNoKeepalive(x)
	require.NoError(t, client.SetKeepAlive(true))
	systemSettingsChange.RUnlock()

	x.Step("the server's host vanishes; the client reads, with no deadline")
	link.Vanish(x, server)
	_, err := client.Read(make([]byte, 1))
	x.Outcome(harness.Client, "Read: %v", cause(err))
	assert.ErrorIs(t, err, unix.ETIMEDOUT)
	x.AssertNeverEarlier(begun, deathAfter(settings)-harness.Tick())
	assert.Equal(t, settings.Count, kernel.ReadTCPInfo(x, harness.Client, client).Probes)
}

// TestGoSettingsTakeMinutes: with Go's own settings, a vanished peer is found after two and a half
// minutes.
//
// Claim: K4.
// Verdict: holds if two and a half minutes are soon enough.
func TestGoSettingsTakeMinutes(t *testing.T) {
	x := harness.Start(t, link.VanishingPeers, harness.LongTimers)
	begun := x.Step("a client dials, and asks for nothing")
	client, server := connect(t, x, net.Dialer{}, net.ListenConfig{})

	x.Step("the server's host vanishes; the client reads, with no deadline")
	link.Vanish(x, server)
	_, err := client.Read(make([]byte, 1))
	x.Outcome(harness.Client, "Read: %v", cause(err))
	assert.ErrorIs(t, err, unix.ETIMEDOUT)
	x.AssertNeverEarlier(begun, deathAfter(goDefault)-harness.Tick())
	assert.Equal(t, goDefault.Count, kernel.ReadTCPInfo(x, harness.Client, client).Probes)
}
