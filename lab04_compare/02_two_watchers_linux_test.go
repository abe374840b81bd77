package lab04_compare

import (
	"net"
	"syscall"
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

// TestKeepaliveAndUserTimeoutCoverEachOther: keepalive finds a vanished peer only while no data is in flight. Without
// keepalive, TCP_USER_TIMEOUT finds a vanished peer only while data is in flight.
//
// Claim: Beyond the chapter.
//
// Predict: the server's host vanishes while a byte of ours is in flight; which ends our Read: keepalive, or TCP_USER_TIMEOUT?
//   - [ ] keepalive alone
//   - [x] TCP_USER_TIMEOUT alone
//   - [ ] each of them
//   - [ ] neither: the byte is retransmitted for a quarter of an hour
func TestKeepaliveAndUserTimeoutCoverEachOther(t *testing.T) {
	x := harness.Start(t, link.VanishingPeers)
	const (
		idle, interval, count = 1 * time.Second, 1 * time.Second, 1
		death                 = idle + count*interval
		userTimeout           = 1 * time.Second
	)
	x.Step("four clients lose their servers: two idle, two with a byte in flight")
	begun := time.Now()
	read := func(conn *net.TCPConn, what string) *harness.Call {
		return x.Begin(harness.Client, what, func() error {
			_, err := conn.Read(make([]byte, 1))
			return err
		})
	}
	lose := func(what string, protect func(*net.TCPConn), isIdle bool) (*net.TCPConn, *harness.Call) {
		client, server := peer.PairNoKeepalive(x)
		protect(client)
		link.Vanish(x, server)
		if !isIdle {
			_, err := client.Write([]byte("?"))
			require.NoError(t, err)
		}
		return client, read(client, what)
	}
	keepalive := func(conn *net.TCPConn) {
		probe := net.KeepAliveConfig{Enable: true, Idle: idle, Interval: interval, Count: count}
		require.NoError(t, conn.SetKeepAliveConfig(probe))
		require.Equal(t, probe, kernel.Keepalive(x, conn))
	}
	withUserTimeout := func(conn *net.TCPConn) { setUserTimeout(t, conn, userTimeout) }
	_, idleWithKeepalive := lose("idle, keepalive", keepalive, true)
	idleConn, idleWithUserTimeout := lose("idle, TCP_USER_TIMEOUT", withUserTimeout, true)
	activeConn, activeWithKeepalive := lose("byte in flight, keepalive", keepalive, false)
	_, activeWithUserTimeout := lose("byte in flight, TCP_USER_TIMEOUT", withUserTimeout, false)

	assert.ErrorIs(t, activeWithUserTimeout.Wait(), syscall.ETIMEDOUT)
	x.AssertAtLeast(activeWithUserTimeout.Since(begun), userTimeout-harness.Tick())
	assert.ErrorIs(t, idleWithKeepalive.Wait(), syscall.ETIMEDOUT)
	x.AssertAtLeast(idleWithKeepalive.Since(begun), death-harness.Tick())

	idleWithUserTimeout.AssertStillWaiting()
	assert.Zero(t, kernel.ReadTCPInfo(x, harness.Client, idleConn).Probes, "without keepalive, no probe should be sent")
	activeWithKeepalive.AssertStillWaiting()
	after := kernel.ReadTCPInfo(x, harness.Client, activeConn)
	assert.Zero(t, after.Probes, "while data is in flight, no probe should be sent")
	assert.Positive(t, after.Retransmits)
}

// TestKeepaliveFindsHostThatVanishesBeforeItAnswers: if the server's host vanishes after it has acknowledged a request,
// keepalive ends the wait for the answer, and TCP_USER_TIMEOUT alone does not, because nothing is in flight. If the server
// is only slow, its host answers the probes, and the client goes on waiting.
//
// Claim: Beyond the chapter.
//
// Predict: the server has acknowledged our request, and its host vanishes before it answers; what ends our Read?
//   - [x] keepalive
//   - [ ] TCP_USER_TIMEOUT
//   - [ ] each of them
//   - [ ] neither: only a read deadline
func TestKeepaliveFindsHostThatVanishesBeforeItAnswers(t *testing.T) {
	x := harness.Start(t, link.VanishingPeers)
	const (
		idle, interval, count = 1 * time.Second, 1 * time.Second, 1
		death                 = idle + count*interval
		userTimeout           = 1 * time.Second
	)
	ask := func(protect func(*net.TCPConn)) (client, server *net.TCPConn) {
		client, server = peer.PairNoKeepalive(x)
		protect(client)
		_, err := client.Write([]byte("?"))
		require.NoError(t, err)
		kernel.AwaitTCPInfo(x, harness.Client, client, func(i kernel.TCPInfo) bool { return i.Unacked == 0 })
		return client, server
	}
	read := func(what string, client *net.TCPConn) *harness.Call {
		return x.Begin(harness.Client, what, func() error {
			_, err := client.Read(make([]byte, 1))
			return err
		})
	}
	withKeepalive := func(conn *net.TCPConn) {
		probe := net.KeepAliveConfig{Enable: true, Idle: idle, Interval: interval, Count: count}
		require.NoError(t, conn.SetKeepAliveConfig(probe))
		require.Equal(t, probe, kernel.Keepalive(x, conn))
	}

	x.Step("three clients send a request, and the servers' kernels acknowledge it; then two of the servers' hosts vanish")
	begun := time.Now()
	probing, lost := ask(withKeepalive)
	slow, alive := ask(withKeepalive)
	unprobed, alsoLost := ask(func(conn *net.TCPConn) { setUserTimeout(t, conn, userTimeout) })
	before := kernel.ReadTCPInfo(x, harness.Client, slow)
	link.Vanish(x, lost)
	link.Vanish(x, alsoLost)
	waiting := read("host vanished, TCP_USER_TIMEOUT", unprobed)
	patient := read("slow server, keepalive", slow)
	assert.ErrorIs(t, read("host vanished, keepalive", probing).Wait(), syscall.ETIMEDOUT)
	x.AssertAtLeast(time.Since(begun), death-harness.Tick())
	waiting.AssertStillWaiting()
	assert.Zero(t, kernel.ReadTCPInfo(x, harness.Client, unprobed).Probes, "without keepalive, no probe should be sent")
	assert.Greater(t, kernel.ReadTCPInfo(x, harness.Client, slow).SegmentsIn, before.SegmentsIn, "a probe should have been answered")

	x.Step("the slow server answers")
	_, err := alive.Write([]byte("!"))
	require.NoError(t, err)
	assert.NoError(t, patient.Wait())
}

func setUserTimeout(t *testing.T, conn *net.TCPConn, userTimeout time.Duration) {
	t.Helper()
	raw, err := conn.SyscallConn()
	require.NoError(t, err)
	require.NoError(t, raw.Control(func(fd uintptr) {
		require.NoError(t, unix.SetsockoptInt(int(fd), unix.IPPROTO_TCP, unix.TCP_USER_TIMEOUT, int(userTimeout.Milliseconds())))
	}))
}
