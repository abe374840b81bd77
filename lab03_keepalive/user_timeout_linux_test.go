package lab03_keepalive

import (
	"fmt"
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

// TestUserTimeoutOverridesProbeCount: with TCP_USER_TIMEOUT the number of probes counts for nothing:
// the connection dies at the first probe's end, idle + k × interval, that is not before the time-out.
//
// Claim: K4.
// Verdict: holds.
// Claim: K6.
// Verdict: holds if TCP_USER_TIMEOUT is not set: it takes the place of the number of probes.
//
// Predict: idle 1 s, then nine probes, one a second, and TCP_USER_TIMEOUT is 3.9 s; how many does a vanished peer get?
//   - [ ] nine
//   - [x] three
//   - [ ] four
//   - [ ] none
func TestUserTimeoutOverridesProbeCount(t *testing.T) {
	t.Parallel()
	for _, of := range []struct {
		idle, interval time.Duration
		count          int
		userTimeout    time.Duration
		probes         int // that are sent: the least k ≥ 1 with idle + k × interval ≥ userTimeout
	}{
		{1 * time.Second, 1 * time.Second, 3, 500 * time.Millisecond, 1},
		{1 * time.Second, 1 * time.Second, 3, 1500 * time.Millisecond, 1},
		{1 * time.Second, 1 * time.Second, 3, 2000 * time.Millisecond, 1},
		{1 * time.Second, 1 * time.Second, 3, 2900 * time.Millisecond, 2},
		{1 * time.Second, 1 * time.Second, 1, 2900 * time.Millisecond, 2},
		{1 * time.Second, 1 * time.Second, 1, 3900 * time.Millisecond, 3},
		{1 * time.Second, 1 * time.Second, 9, 3900 * time.Millisecond, 3},
		{1 * time.Second, 2 * time.Second, 2, 500 * time.Millisecond, 1},
		{2 * time.Second, 1 * time.Second, 3, 2500 * time.Millisecond, 1},
		{2 * time.Second, 1 * time.Second, 1, 3900 * time.Millisecond, 2},
	} {
		t.Run(fmt.Sprintf("%v, then %d every %v, within %v", of.idle, of.count, of.interval, of.userTimeout), func(t *testing.T) {
			x := harness.Start(t, link.VanishingPeers)
			death := of.idle + time.Duration(of.probes)*of.interval
			begun := x.Step("a client connects, with keepalive and TCP_USER_TIMEOUT")
			client, server := peer.PairNoKeepalive(x)
			require.NoError(t, client.SetKeepAliveConfig(net.KeepAliveConfig{
				Enable: true, Idle: of.idle, Interval: of.interval, Count: of.count,
			}))
			raw, err := client.SyscallConn()
			require.NoError(t, err)
			require.NoError(t, raw.Control(func(fd uintptr) {
				err = unix.SetsockoptInt(int(fd), unix.IPPROTO_TCP, unix.TCP_USER_TIMEOUT, int(of.userTimeout.Milliseconds()))
			}))
			require.NoError(t, err)

			x.Step("the server's host vanishes; the client reads, with no deadline")
			link.Vanish(x, server)
			_, err = client.Read(make([]byte, 1))
			x.Outcome(harness.Client, "Read: %v", cause(err))

			assert.ErrorIs(t, err, unix.ETIMEDOUT)
			x.AssertNeverEarlier(begun, death-harness.Tick())
			assert.Equal(t, of.probes, kernel.ReadTCPInfo(x, harness.Client, client).Probes)
		})
	}
}

// TestUserTimeoutBoundsDataInFlight: where keepalive keeps still because data is unacknowledged,
// TCP_USER_TIMEOUT ends the wait.
//
// Claim: Beyond the chapter.
func TestUserTimeoutBoundsDataInFlight(t *testing.T) {
	x := harness.Start(t, link.VanishingPeers)
	const userTimeout = 1 * time.Second
	plain, plainServer := peer.PairNoKeepalive(x)
	limited, limitedServer := peer.PairNoKeepalive(x)
	raw, err := limited.SyscallConn()
	require.NoError(t, err)
	require.NoError(t, raw.Control(func(fd uintptr) {
		err = unix.SetsockoptInt(int(fd), unix.IPPROTO_TCP, unix.TCP_USER_TIMEOUT, int(userTimeout.Milliseconds()))
	}))
	require.NoError(t, err)

	x.Step("the hosts of both servers vanish")
	link.Vanish(x, plainServer)
	link.Vanish(x, limitedServer)
	begun := x.Step("two clients ask something; one has TCP_USER_TIMEOUT = %v", userTimeout)
	for _, conn := range []*net.TCPConn{plain, limited} {
		_, err := conn.Write([]byte("?"))
		require.NoError(t, err)
		require.NoError(t, conn.SetKeepAliveConfig(quickest))
	}
	read := x.Begin(harness.Client, "Read with keepalive alone", func() error {
		_, err := plain.Read(make([]byte, 1))
		return err
	})
	_, err = limited.Read(make([]byte, 1))
	x.Outcome(harness.Client, "Read with TCP_USER_TIMEOUT: %v", cause(err))

	assert.ErrorIs(t, err, unix.ETIMEDOUT)
	x.AssertNeverEarlier(begun, userTimeout-harness.Tick())
	assert.Zero(t, kernel.ReadTCPInfo(x, harness.Client, limited).Probes, "it did not die of keepalive")
	read.AssertStillWaiting()
	assert.Equal(t, kernel.Established, kernel.ReadTCPInfo(x, harness.Client, plain).State, "with keepalive alone")
}

// TestUserTimeoutEndsWriteToStalledReader: where keepalive keeps still because the peer's kernel
// answers and its window is closed, TCP_USER_TIMEOUT ends the wait.
//
// Claim: Beyond the chapter.
func TestUserTimeoutEndsWriteToStalledReader(t *testing.T) {
	x := harness.Start(t, harness.Linux)
	const userTimeout = 1 * time.Second
	plain := peer.DialNoKeepalive(x, peer.Stalled(x).Address)
	limited := peer.DialNoKeepalive(x, peer.Stalled(x).Address)
	require.NoError(t, plain.SetKeepAliveConfig(quickest))
	require.NoError(t, limited.SetKeepAliveConfig(quickest))
	raw, err := limited.SyscallConn()
	require.NoError(t, err)
	require.NoError(t, raw.Control(func(fd uintptr) {
		err = unix.SetsockoptInt(int(fd), unix.IPPROTO_TCP, unix.TCP_USER_TIMEOUT, int(userTimeout.Milliseconds()))
	}))
	require.NoError(t, err)
	message := make([]byte, moreThanBuffersHold)

	begun := x.Step("two clients write, nobody reads; one has TCP_USER_TIMEOUT = %v", userTimeout)
	write := x.Begin(harness.Client, "Write with keepalive alone", func() error {
		_, err := plain.Write(message)
		return err
	})
	_, err = limited.Write(message)
	x.Outcome(harness.Client, "Write with TCP_USER_TIMEOUT: %v", cause(err))

	assert.ErrorIs(t, err, unix.ETIMEDOUT)
	x.AssertNeverEarlier(begun, userTimeout-harness.Tick())
	write.AssertStillWaiting()
	assert.Equal(t, kernel.Established, kernel.ReadTCPInfo(x, harness.Client, plain).State)
}
