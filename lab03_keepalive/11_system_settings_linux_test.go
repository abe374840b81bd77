package lab03_keepalive

import (
	"net"
	"strconv"
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
	"socketlabs/harness/story"
)

// setSystemSettings sets the three system-wide settings, until the experiment ends.
func setSystemSettings(x *harness.Experiment, to net.KeepAliveConfig) {
	kernel.SetSystemSetting(x, systemIdle, strconv.Itoa(int(to.Idle.Seconds())))
	kernel.SetSystemSetting(x, systemInterval, strconv.Itoa(int(to.Interval.Seconds())))
	kernel.SetSystemSetting(x, systemCount, strconv.Itoa(to.Count))
}

// haveSystemSettingsAlone makes the experiment the only one that uses the system's settings. Call it before
// setSystemSettings, so that the old settings are restored before the lock is released.
func haveSystemSettingsAlone(x *harness.Experiment) {
	systemSettingsChange.Lock()
	x.AtEnd(systemSettingsChange.Unlock)
}

// TestNewSocketHasSystemSettings: a new TCP socket has keepalive off, and the system's three settings. SO_KEEPALIVE
// turns keepalive on, and changes no setting.
//
// Claim: K6, K8.
// Verdict: holds.
func TestNewSocketHasSystemSettings(t *testing.T) {
	x := harness.Start(t, kernel.Proc)
	systemSettingsChange.RLock()
	defer systemSettingsChange.RUnlock()
	want := readSystemSettings(t, x)
	x.Step("the system says: idle %v, interval %v, %s", want.Idle, want.Interval, story.Count(want.Count, "probe"))
	fd, err := unix.Socket(harness.Domain(), unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	require.NoError(t, err)
	x.OwnFD(fd)
	assert.Empty(t, cmp.Diff(want, kernel.KeepaliveFD(x, fd)), "settings of a new socket (-want +got)")

	x.Step("SO_KEEPALIVE is turned on")
	require.NoError(t, unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_KEEPALIVE, 1))
	want.Enable = true
	assert.Empty(t, cmp.Diff(want, kernel.KeepaliveFD(x, fd)), "settings of the socket with SO_KEEPALIVE (-want +got)")
}

// TestSystemDefaultIsTwoHours: Linux's default keepalive settings are an idle time of two hours, an interval of 75
// seconds, and 9 probes.
//
// Claim: K6.
// Verdict: holds.
//
// Source: TestSystemSettingsTakeOverTwoHours shows what these settings do.
func TestSystemDefaultIsTwoHours(t *testing.T) {
	x := harness.Start(t, harness.PrivateLoopback) // a new network namespace has the default settings
	systemSettingsChange.RLock()
	defer systemSettingsChange.RUnlock()
	got := readSystemSettings(t, x)
	x.Step("the system says: idle %v, interval %v, %s", got.Idle, got.Interval, story.Count(got.Count, "probe"))
	// TCP_KEEPALIVE_TIME, TCP_KEEPALIVE_INTVL and TCP_KEEPALIVE_PROBES in include/net/tcp.h.
	want := net.KeepAliveConfig{Idle: 2 * time.Hour, Interval: 75 * time.Second, Count: 9}
	assert.Empty(t, cmp.Diff(want, got), "settings of the system (-want +got)")
}

// TestChangedSystemSettingsAreThoseOfNewConnections: after the system's keepalive settings have changed, a connection that
// turns keepalive on is probed according to the new settings. A connection with settings of its own keeps them.
//
// Claim: K6.
// Verdict: holds if the connection has no settings of its own.
func TestChangedSystemSettingsAreThoseOfNewConnections(t *testing.T) {
	x := harness.Start(t, link.VanishingPeers, kernel.SystemSettings)
	haveSystemSettingsAlone(x)
	x.Step("a client turns keepalive on, with settings of its own; then the system's settings are changed")
	independent, _ := peer.PairNoKeepalive(x)
	require.NoError(t, independent.SetKeepAliveConfig(goDefault))
	setSystemSettings(x, quickest)

	x.Step("another client connects, and turns keepalive on; its server's host vanishes")
	begun := time.Now()
	fresh, server := peer.PairNoKeepalive(x)
	require.NoError(t, fresh.SetKeepAlive(true))
	link.Vanish(x, server)
	kernel.AwaitTCPInfo(x, harness.Client, fresh, func(i kernel.TCPInfo) bool { return i.Probes > 0 })
	took := time.Since(begun)
	x.AssertAtLeast(took, quickest.Idle-harness.Tick())
	assert.Empty(t, cmp.Diff(quickest, kernel.Keepalive(x, fresh)), "settings of the new connection (-want +got)")
	assert.Empty(t, cmp.Diff(goDefault, kernel.Keepalive(x, independent)), "settings of the connection that has set its own (-want +got)")
}

// TestChangedSystemSettingsLeaveRunningTimer: when the system's idle time is lowered, getsockopt returns
// the new idle time for a connection that has keepalive on. But the timer of this connection still runs with the old
// idle time, and no probe is sent.
//
// Claim: K6.
// Verdict: holds if keepalive is turned on after the change.
//
// Predict: tcp_keepalive_time is lowered from two hours to 1 s; what happens to an idle connection that has keepalive on?
//   - [ ] it is probed after a second
//   - [x] getsockopt returns 1 s, and no probe is sent
//   - [ ] getsockopt returns two hours, and no probe is sent
func TestChangedSystemSettingsLeaveRunningTimer(t *testing.T) {
	x := harness.Start(t, link.VanishingPeers, kernel.SystemSettings)
	haveSystemSettingsAlone(x)
	x.Step("a client turns keepalive on; then the system's settings are changed")
	existing, existingServer := peer.PairNoKeepalive(x)
	require.NoError(t, existing.SetKeepAlive(true))
	setSystemSettings(x, quickest)
	assert.Empty(t, cmp.Diff(quickest, kernel.Keepalive(x, existing)), "settings of the existing connection (-want +got)")

	x.Step("another client connects, and turns keepalive on; the hosts of both servers vanish")
	fresh, freshServer := peer.PairNoKeepalive(x)
	require.NoError(t, fresh.SetKeepAlive(true))
	link.Vanish(x, existingServer)
	link.Vanish(x, freshServer)
	kernel.AwaitTCPInfo(x, harness.Client, fresh, func(i kernel.TCPInfo) bool { return i.Probes > 0 })
	info := kernel.ReadTCPInfo(x, harness.Client, existing)
	assert.GreaterOrEqual(t, info.LastReceived, quickest.Idle-harness.Tick())
	assert.Zero(t, info.Probes)
}

// TestKeepaliveTurnedOnAnewTakesChangedSystemSettings: after the system's keepalive settings have changed, a connection
// that turns keepalive off and on again is probed according to the new settings.
//
// Claim: K6.
// Verdict: holds for an existing connection if it turns keepalive off and on again after the change.
func TestKeepaliveTurnedOnAnewTakesChangedSystemSettings(t *testing.T) {
	x := harness.Start(t, link.VanishingPeers, kernel.SystemSettings)
	haveSystemSettingsAlone(x)
	x.Step("two clients turn keepalive on; then the system's settings are changed")
	anew, anewServer := peer.PairNoKeepalive(x)
	existing, existingServer := peer.PairNoKeepalive(x)
	for _, client := range []*net.TCPConn{anew, existing} {
		require.NoError(t, client.SetKeepAlive(true))
		require.True(t, kernel.Keepalive(x, client).Enable)
	}
	setSystemSettings(x, quickest)

	x.Step("one client turns keepalive off and on again; the hosts of both servers vanish")
	begun := time.Now()
	require.NoError(t, anew.SetKeepAlive(false))
	require.NoError(t, anew.SetKeepAlive(true))
	link.Vanish(x, anewServer)
	link.Vanish(x, existingServer)
	kernel.AwaitTCPInfo(x, harness.Client, anew, func(i kernel.TCPInfo) bool { return i.Probes > 0 })
	took := time.Since(begun)
	x.AssertAtLeast(took, quickest.Idle-harness.Tick())
	assert.Zero(t, kernel.ReadTCPInfo(x, harness.Client, existing).Probes, "the control, which leaves keepalive on, should not be probed")
}

// TestSystemSettingsTakeOverTwoHours: keepalive with the system's default settings takes more than two hours to end a
// connection whose peer's host has vanished.
//
// Claim: K4.
// Verdict: holds, but with the system's default settings only after more than two hours.
//
// Source: the kernel's kernel/time/timer.c: a timer expires at most one tick early, but may be late by up to an eighth of its
// timeout, because its granularity grows with the timeout.
func TestSystemSettingsTakeOverTwoHours(t *testing.T) {
	x := harness.Start(t, link.VanishingPeers, harness.LongTimers)
	systemSettingsChange.RLock()
	settings := readSystemSettings(t, x)
	x.Step("a client connects, and turns keepalive on, with the system's settings")
	begun := time.Now()
	client, server := peer.PairNoKeepalive(x)
	require.NoError(t, client.SetKeepAlive(true))
	systemSettingsChange.RUnlock()

	x.Step("the server's host vanishes; the client reads, with no deadline")
	link.Vanish(x, server)
	_, err := client.Read(make([]byte, 1))
	took := time.Since(begun)
	x.Outcome(harness.Client, "Read: %v", cause(err))
	assert.ErrorIs(t, err, unix.ETIMEDOUT)
	x.AssertAtLeast(took, deathAfter(settings)-harness.Tick())
	assert.Equal(t, settings.Count, kernel.ReadTCPInfo(x, harness.Client, client).Probes)
}

// TestGoSettingsTakeMinutes: keepalive with Go's default settings takes two and a half minutes to end a connection whose
// peer's host has vanished.
//
// Claim: K4.
// Verdict: holds, but with Go's default settings only after two and a half minutes.
func TestGoSettingsTakeMinutes(t *testing.T) {
	x := harness.Start(t, link.VanishingPeers, harness.LongTimers)
	x.Step("a client dials, and sets no keepalive options")
	begun := time.Now()
	client, server := connect(t, x, net.Dialer{}, net.ListenConfig{})

	x.Step("the server's host vanishes; the client reads, with no deadline")
	link.Vanish(x, server)
	_, err := client.Read(make([]byte, 1))
	took := time.Since(begun)
	x.Outcome(harness.Client, "Read: %v", cause(err))
	assert.ErrorIs(t, err, unix.ETIMEDOUT)
	x.AssertAtLeast(took, deathAfter(goDefault)-harness.Tick())
	assert.Equal(t, goDefault.Count, kernel.ReadTCPInfo(x, harness.Client, client).Probes)
}
