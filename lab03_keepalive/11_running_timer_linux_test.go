package lab03_keepalive

import (
	"net"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"socketlabs/harness"
	"socketlabs/harness/kernel"
	"socketlabs/harness/link"
	"socketlabs/harness/peer"
)

// TestRaisedSystemIdleTimeIsWaitedOut: after the system's idle time is raised, the timer of a connection that has
// keepalive on still expires at the old time. The kernel then sends no probe, and sets the timer to what is left of the
// new idle time. A connection with an idle time of its own is probed as before.
//
// Claim: K6.
// Verdict: holds if the connection has no settings of its own: a raised idle time applies even to a running timer.
//
// Source: tcp_keepalive_timer() in the kernel's net/ipv4/tcp_timer.c. This function reads the interval and the count before each
// probe, so a change of these takes effect at the next probe.
//
// Predict: tcp_keepalive_time is raised from 1 s to an hour; what happens to an idle connection that has keepalive on?
//   - [ ] it is probed after a second, and from then on every hour
//   - [ ] it is probed every second, as before
//   - [x] it is probed after an hour
func TestRaisedSystemIdleTimeIsWaitedOut(t *testing.T) {
	x := harness.Start(t, link.VanishingPeers, kernel.SocketTable, kernel.SystemSettings)
	haveSystemSettingsAlone(x)
	raised := net.KeepAliveConfig{Enable: true, Idle: time.Hour, Interval: quickest.Interval, Count: quickest.Count}
	setSystemSettings(x, quickest)
	x.Step("two clients turn keepalive on, one with settings of its own; then the system's idle time is raised")
	existing, existingServer := peer.PairNoKeepalive(x)
	require.NoError(t, existing.SetKeepAlive(true))
	independent, independentServer := peer.PairNoKeepalive(x)
	require.NoError(t, independent.SetKeepAliveConfig(quickest))
	setSystemSettings(x, raised)
	assert.Empty(t, cmp.Diff(raised, kernel.Keepalive(x, existing)), "settings of the existing connection (-want +got)")

	x.Step("the hosts of both servers vanish")
	link.Vanish(x, existingServer)
	link.Vanish(x, independentServer)
	kernel.AwaitTCPInfo(x, harness.Client, independent, func(i kernel.TCPInfo) bool { return i.Probes > 0 })
	info := kernel.ReadTCPInfo(x, harness.Client, existing)
	assert.GreaterOrEqual(t, info.LastReceived, quickest.Idle-harness.Tick(),
		"the timer, which was set to the old idle time, should have expired")
	assert.Zero(t, info.Probes)
	assert.Eventually(t, func() bool { // the two connections' timers may run on two processors
		entry := kernel.AwaitConnection(x, existing.LocalAddr().String(), existing.RemoteAddr().String(), kernel.Established)[0]
		return entry.Timer == kernel.KeepaliveTimer && entry.Left > raised.Idle/2
	}, 10*time.Second, time.Millisecond, "the timer should be set to the rest of the new idle time")
}
