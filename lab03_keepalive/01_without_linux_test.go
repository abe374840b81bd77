package lab03_keepalive

import (
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

// TestIdleConnectionOutlivesItsPeer: without keepalive, nothing ends an idle connection whose peer's host has vanished. The
// connection stays ESTABLISHED and its reader waits, while a connection with keepalive times out.
//
// Claim: K1.
// Verdict: holds if keepalive is off; Go turns keepalive on by default.
func TestIdleConnectionOutlivesItsPeer(t *testing.T) {
	x := harness.Start(t, link.VanishingPeers)
	x.Step("two clients connect, and one turns keepalive on")
	plain, plainServer := peer.PairNoKeepalive(x)
	begun := time.Now()
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
	took := time.Since(begun)
	x.Outcome(harness.Client, "Read with keepalive: %v", cause(err))
	require.ErrorIs(t, err, unix.ETIMEDOUT)
	x.AssertAtLeast(took, deathAfter(quickest)-harness.Tick())

	read.AssertStillWaiting()
	info := kernel.ReadTCPInfo(x, harness.Client, plain)
	assert.Equal(t, kernel.Established, info.State)
	assert.Zero(t, info.Probes, "without keepalive, no probe should be sent")
	assert.GreaterOrEqual(t, info.LastReceived, deathAfter(quickest)-harness.Tick())
}

// TestUserTimeoutAloneLeavesIdleConnection: TCP_USER_TIMEOUT ends a connection on which sent data stays unacknowledged.
// If we send nothing, and keepalive is off, TCP_USER_TIMEOUT finds no dead peer.
//
// Claim: K1.
// Verdict: holds if keepalive is off, even with TCP_USER_TIMEOUT.
//
// Predict: TCP_USER_TIMEOUT is 500 ms, keepalive is off, and an idle peer's host vanishes; when does Read return?
//   - [ ] after 500 ms
//   - [ ] after a second
//   - [x] not at all
func TestUserTimeoutAloneLeavesIdleConnection(t *testing.T) {
	x := harness.Start(t, link.VanishingPeers)
	const userTimeout = 500 * time.Millisecond
	x.Step("two clients set TCP_USER_TIMEOUT = %v, and one waits for its server", userTimeout)
	idle, idleServer := peer.PairNoKeepalive(x)
	asking, askedServer := peer.PairNoKeepalive(x)
	setUserTimeout(t, idle, userTimeout)
	setUserTimeout(t, asking, userTimeout)
	read := x.Begin(harness.Client, "Read of the idle client", func() error {
		_, err := idle.Read(make([]byte, 1))
		return err
	})

	x.Step("the hosts of both servers vanish, and the other client sends a request")
	link.Vanish(x, idleServer)
	link.Vanish(x, askedServer)
	begun := time.Now()
	_, err := asking.Write([]byte("?"))
	require.NoError(t, err)
	_, err = asking.Read(make([]byte, 1))
	took := time.Since(begun)
	x.Outcome(harness.Client, "Read after the request: %v", cause(err))
	require.ErrorIs(t, err, unix.ETIMEDOUT)
	x.AssertAtLeast(took, userTimeout-harness.Tick())

	read.AssertStillWaiting()
	info := kernel.ReadTCPInfo(x, harness.Client, idle)
	assert.Equal(t, kernel.Established, info.State)
	assert.GreaterOrEqual(t, info.LastReceived, userTimeout-harness.Tick())
}
