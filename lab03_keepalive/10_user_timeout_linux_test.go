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

// TestUserTimeoutOverridesProbeCount: with TCP_USER_TIMEOUT, keepalive ignores its probe count. An idle connection to a
// vanished peer times out idle + k × interval after the last segment received, where k is the smallest number ≥ 1 with
// idle + k × interval ≥ TCP_USER_TIMEOUT.
//
// Claim: K4.
// Verdict: holds.
// Claim: K6.
// Verdict: holds if TCP_USER_TIMEOUT is not set. If it is set, it replaces the number of probes.
//
// Predict: idle time and interval are 1 s, the probe count is 9, and TCP_USER_TIMEOUT is 3.9 s; how many probes are sent to a vanished peer?
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
		probes         int // how many probes are sent: the smallest k ≥ 1 with idle + k × interval ≥ userTimeout
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
		t.Run(fmt.Sprintf("idle %v, interval %v, count %d, user timeout %v", of.idle, of.interval, of.count, of.userTimeout), func(t *testing.T) {
			x := harness.Start(t, link.VanishingPeers)
			settings := net.KeepAliveConfig{Enable: true, Idle: of.idle, Interval: of.interval, Count: of.count}
			var client, server *net.TCPConn
			var begun time.Time
			// The first probe comes an idle time after keepalive is turned on. On a busy machine, that may be so long after the
			// handshake that TCP_USER_TIMEOUT passes with fewer probes. Then another client tries.
			for isLate := true; isLate; isLate = time.Since(begun) > of.interval/2 {
				x.Step("a client connects, and sets keepalive and TCP_USER_TIMEOUT")
				begun = time.Now()
				client, server = peer.PairNoKeepalive(x)
				require.NoError(t, client.SetKeepAliveConfig(settings))
				require.Equal(t, settings, kernel.Keepalive(x, client))
				setUserTimeout(t, client, of.userTimeout)
			}

			x.Step("the server's host vanishes; the client reads, with no deadline")
			link.Vanish(x, server)
			_, err := client.Read(make([]byte, 1))
			took := time.Since(begun)
			x.Outcome(harness.Client, "Read: %v", cause(err))

			assert.ErrorIs(t, err, unix.ETIMEDOUT)
			x.AssertAtLeast(took, of.idle+time.Duration(of.probes)*of.interval-harness.Tick())
			assert.Equal(t, of.probes, kernel.ReadTCPInfo(x, harness.Client, client).Probes)
		})
	}
}

// TestUserTimeoutBoundsDataInFlight: TCP_USER_TIMEOUT ends a connection whose data stays unacknowledged. Keepalive does not
// end it, because no probe is sent while data is in flight.
//
// Claim: Beyond the chapter.
func TestUserTimeoutBoundsDataInFlight(t *testing.T) {
	x := harness.Start(t, link.VanishingPeers)
	const userTimeout = 1 * time.Second
	idle, idleServer := peer.PairNoKeepalive(x)
	plain, plainServer := peer.PairNoKeepalive(x)
	limited, limitedServer := peer.PairNoKeepalive(x)
	setUserTimeout(t, limited, userTimeout)

	x.Step("the hosts of three servers vanish; two clients send a request, one of them with TCP_USER_TIMEOUT = %v", userTimeout)
	for _, server := range []*net.TCPConn{idleServer, plainServer, limitedServer} {
		link.Vanish(x, server)
	}
	_, err := plain.Write([]byte("?"))
	require.NoError(t, err)
	begun := time.Now()
	_, err = limited.Write([]byte("?"))
	require.NoError(t, err)
	x.Step("all three clients turn keepalive on") // not earlier: a probe sent before the request would stay unanswered
	for _, conn := range []*net.TCPConn{idle, plain, limited} {
		require.NoError(t, conn.SetKeepAliveConfig(quickest))
		require.Equal(t, quickest, kernel.Keepalive(x, conn))
	}
	read := x.Begin(harness.Client, "Read after a request, with keepalive alone", func() error {
		_, err := plain.Read(make([]byte, 1))
		return err
	})
	_, err = limited.Read(make([]byte, 1))
	took := time.Since(begun)
	x.Outcome(harness.Client, "Read after a request, with TCP_USER_TIMEOUT: %v", cause(err))
	assert.ErrorIs(t, err, unix.ETIMEDOUT)
	x.AssertAtLeast(took, userTimeout-harness.Tick())
	assert.Zero(t, kernel.ReadTCPInfo(x, harness.Client, limited).Probes, "keepalive should not have ended the connection")

	_, err = idle.Read(make([]byte, 1))
	x.Outcome(harness.Client, "Read of the idle client: %v", cause(err))
	assert.ErrorIs(t, err, unix.ETIMEDOUT, "the control: keepalive should end a connection with no data in flight")
	read.AssertStillWaiting()
	assert.Equal(t, kernel.Established, kernel.ReadTCPInfo(x, harness.Client, plain).State, "state of the connection with keepalive alone")
}

// TestUserTimeoutEndsWriteToStalledReader: TCP_USER_TIMEOUT ends a Write to a peer that reads nothing. Keepalive does not end
// it, because the peer's kernel still answers while its window is closed.
//
// Claim: Beyond the chapter.
func TestUserTimeoutEndsWriteToStalledReader(t *testing.T) {
	x := harness.Start(t, link.VanishingPeers)
	const userTimeout = 1 * time.Second
	x.Step("three clients turn keepalive on, and one of them sets TCP_USER_TIMEOUT = %v, too", userTimeout)
	idle, vanished := peer.PairNoKeepalive(x)
	plain := peer.DialNoKeepalive(x, peer.Stalled(x).Address)
	limited := peer.DialNoKeepalive(x, peer.Stalled(x).Address)
	for _, conn := range []*net.TCPConn{idle, plain, limited} {
		require.NoError(t, conn.SetKeepAliveConfig(quickest))
		require.Equal(t, quickest, kernel.Keepalive(x, conn))
	}
	setUserTimeout(t, limited, userTimeout)
	message := make([]byte, moreThanBuffersHold)

	x.Step("two of the clients write %d MiB, which nobody reads; the host of the third client's server vanishes", moreThanBuffersHold>>20)
	link.Vanish(x, vanished)
	write := x.Begin(harness.Client, "Write with keepalive alone", func() error {
		_, err := plain.Write(message)
		return err
	})
	begun := time.Now()
	_, err := limited.Write(message)
	took := time.Since(begun)
	x.Outcome(harness.Client, "Write with TCP_USER_TIMEOUT: %v", cause(err))
	assert.ErrorIs(t, err, unix.ETIMEDOUT)
	x.AssertAtLeast(took, userTimeout-harness.Tick())

	_, err = idle.Read(make([]byte, 1))
	x.Outcome(harness.Client, "Read from the vanished server: %v", cause(err))
	assert.ErrorIs(t, err, unix.ETIMEDOUT, "the control: keepalive should end a connection with no data in flight")
	write.AssertStillWaiting()
	assert.Equal(t, kernel.Established, kernel.ReadTCPInfo(x, harness.Client, plain).State, "state of the connection with keepalive alone")
}
