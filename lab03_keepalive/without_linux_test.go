package lab03_keepalive

import (
	"errors"
	"net"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"socketlabs/harness"
	"socketlabs/harness/kernel"
	"socketlabs/harness/link"
	"socketlabs/harness/peer"
)

// quickest is the least that the kernel takes: whole seconds, and one probe.
var quickest = net.KeepAliveConfig{Enable: true, Idle: 1 * time.Second, Interval: 1 * time.Second, Count: 1}

// deathAfter is how long after the last segment heard the kernel declares a peer dead: see
// tcp_keepalive_timer() in net/ipv4/tcp_timer.c.
func deathAfter(k net.KeepAliveConfig) time.Duration {
	return k.Idle + time.Duration(k.Count)*k.Interval
}

// cause is what an error says at its core: the timeline knows whose it is, and needs no addresses.
func cause(err error) error {
	for inner := err; inner != nil; inner = errors.Unwrap(inner) {
		err = inner
	}
	return err
}

// TestIdleConnectionOutlivesItsPeer: without keepalive nothing tells an idle connection that its peer
// is gone; it stays ESTABLISHED, and its reader waits, when a connection with keepalive is long over.
//
// Claim: K1.
// Verdict: holds if keepalive is off: Go turns it on by itself.
func TestIdleConnectionOutlivesItsPeer(t *testing.T) {
	x := harness.Start(t, link.VanishingPeers)
	begun := x.Step("two clients connect; one has keepalive")
	plain, plainServer := peer.PairNoKeepalive(x)
	probing, probedServer := peer.PairNoKeepalive(x)
	require.NoError(t, probing.SetKeepAliveConfig(quickest))
	read := x.Begin(harness.Client, "Read without keepalive", func() error {
		_, err := plain.Read(make([]byte, 1))
		return err
	})

	x.Step("the hosts of both servers vanish")
	link.Vanish(x, plainServer)
	link.Vanish(x, probedServer)
	_, err := probing.Read(make([]byte, 1))
	x.Outcome(harness.Client, "Read with keepalive: %v", cause(err))
	require.ErrorIs(t, err, unix.ETIMEDOUT)
	x.AssertNeverEarlier(begun, deathAfter(quickest)-harness.Tick())

	read.AssertStillWaiting()
	info := kernel.ReadTCPInfo(x, harness.Client, plain)
	assert.Equal(t, kernel.Established, info.State)
	assert.Zero(t, info.Probes, "a kernel that was not told to probe has probed")
	assert.GreaterOrEqual(t, info.LastReceived, deathAfter(quickest)-harness.Tick())
}

// TestUserTimeoutAloneLeavesIdleConnection: TCP_USER_TIMEOUT bounds how long data may stay
// unacknowledged; where nothing is sent, it finds no dead peer.
//
// Claim: K1.
// Verdict: holds.
//
// Predict: TCP_USER_TIMEOUT is 500 ms, keepalive is off, and an idle peer's host vanishes; when does Read return?
//   - [ ] after 500 ms
//   - [ ] after a second
//   - [x] not at all
func TestUserTimeoutAloneLeavesIdleConnection(t *testing.T) {
	x := harness.Start(t, link.VanishingPeers)
	const userTimeout = 500 * time.Millisecond
	begun := x.Step("two clients with TCP_USER_TIMEOUT = %v; one has keepalive as well", userTimeout)
	plain, plainServer := peer.PairNoKeepalive(x)
	probing, probedServer := peer.PairNoKeepalive(x)
	for _, conn := range []*net.TCPConn{plain, probing} {
		raw, err := conn.SyscallConn()
		require.NoError(t, err)
		require.NoError(t, raw.Control(func(fd uintptr) {
			err = unix.SetsockoptInt(int(fd), unix.IPPROTO_TCP, unix.TCP_USER_TIMEOUT, int(userTimeout.Milliseconds()))
		}))
		require.NoError(t, err)
	}
	require.NoError(t, probing.SetKeepAliveConfig(quickest))
	read := x.Begin(harness.Client, "Read without keepalive", func() error {
		_, err := plain.Read(make([]byte, 1))
		return err
	})

	x.Step("the hosts of both servers vanish")
	link.Vanish(x, plainServer)
	link.Vanish(x, probedServer)
	_, err := probing.Read(make([]byte, 1))
	x.Outcome(harness.Client, "Read with keepalive: %v", cause(err))
	require.ErrorIs(t, err, unix.ETIMEDOUT)
	x.AssertNeverEarlier(begun, deathAfter(quickest)-harness.Tick())

	read.AssertStillWaiting()
	assert.Equal(t, kernel.Established, kernel.ReadTCPInfo(x, harness.Client, plain).State)
}
