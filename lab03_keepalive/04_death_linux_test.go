package lab03_keepalive

import (
	"errors"
	"fmt"
	"io"
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

// TestKeepaliveFindsVanishedPeer: without TCP_USER_TIMEOUT, keepalive ends an idle connection to a vanished host when all
// its probes have gone unanswered: idle + count × interval after the last segment received. Each connection in this
// experiment has its own settings.
//
// Claim: K3, K4, K7.
// Verdict: holds.
//
// Source: tcp_keepalive_timer() in net/ipv4/tcp_timer.c. The answer to a probe is a segment received, too. So if
// probes were answered for hours, the connection times out idle + count × interval after the last answer. If the host
// vanishes just before a probe, only count × interval pass from then until the timeout. There is one exception: if the
// interval is longer than the idle time, and a probe was answered, the next probe comes an interval after that probe, as
// TestNextProbeComesTooLateForMiddlebox shows.
func TestKeepaliveFindsVanishedPeer(t *testing.T) {
	t.Parallel()
	for _, of := range []struct {
		idle, interval time.Duration
		count          int
	}{
		{1 * time.Second, 1 * time.Second, 1},
		{1 * time.Second, 1 * time.Second, 2},
		{1 * time.Second, 1 * time.Second, 3},
		{1 * time.Second, 2 * time.Second, 1},
		{1 * time.Second, 3 * time.Second, 1},
		{2 * time.Second, 1 * time.Second, 1},
		{2 * time.Second, 1 * time.Second, 2},
		{2 * time.Second, 2 * time.Second, 1},
		{3 * time.Second, 1 * time.Second, 1},
	} {
		t.Run(fmt.Sprintf("idle %v, interval %v, count %d", of.idle, of.interval, of.count), func(t *testing.T) {
			x := harness.Start(t, link.VanishingPeers)
			settings := net.KeepAliveConfig{Enable: true, Idle: of.idle, Interval: of.interval, Count: of.count}
			x.Step("a client connects, and turns keepalive on")
			begun := time.Now()
			client, server := peer.PairNoKeepalive(x)
			require.NoError(t, client.SetKeepAliveConfig(settings))
			require.Equal(t, settings, kernel.Keepalive(x, client))

			x.Step("the server's host vanishes; the client reads, with no deadline")
			link.Vanish(x, server)
			_, err := client.Read(make([]byte, 1))
			took := time.Since(begun)
			x.Outcome(harness.Client, "Read: %v", cause(err))
			assert.ErrorIs(t, err, unix.ETIMEDOUT)
			x.AssertAtLeast(took, deathAfter(settings)-harness.Tick())

			_, err = client.Write([]byte("?"))
			x.Outcome(harness.Client, "Write: %v", cause(err))
			assert.ErrorIs(t, err, unix.EPIPE)
			info := kernel.ReadTCPInfo(x, harness.Client, client)
			assert.Equal(t, kernel.Closed, info.State)
			assert.Equal(t, of.count, info.Probes)
		})
	}
}

// TestDeathIsReportedOnce: once keepalive has timed out, one call returns ETIMEDOUT: the first write, or the first read that
// finds no data left. After that call, a read returns io.EOF, as if the peer had closed, and a write returns EPIPE.
//
// Claim: K4.
// Verdict: holds, but only one call returns the error: a program that ignores it takes the result of the next call for
// a graceful close.
//
// Predict: keepalive has timed out, and a Read has returned ETIMEDOUT; what does the next Read return?
//   - [ ] ETIMEDOUT
//   - [ ] ECONNRESET
//   - [x] io.EOF
//   - [ ] net.ErrClosed
func TestDeathIsReportedOnce(t *testing.T) {
	t.Parallel()
	for _, first := range []struct {
		name   string
		unread string // data from the peer that is still unread
		call   func(*net.TCPConn) error
	}{
		{"read", "", readByte},
		{"write", "", writeByte},
		{"read after the data", "!", readByte},
	} {
		t.Run("to the first "+first.name, func(t *testing.T) {
			x := harness.Start(t, link.VanishingPeers)
			client, server := peer.PairNoKeepalive(x)
			require.NoError(t, client.SetKeepAliveConfig(quickest))
			_, err := server.Write([]byte(first.unread))
			require.NoError(t, err)
			kernel.AwaitTCPInfo(x, harness.Server, server, func(i kernel.TCPInfo) bool { return i.Unacked == 0 })
			x.Step("the server's host vanishes; no call is made until the client's kernel knows")
			link.Vanish(x, server)
			kernel.AwaitTCPInfo(x, harness.Client, client, func(i kernel.TCPInfo) bool { return i.State == kernel.Closed })

			for range first.unread {
				require.NoError(t, readByte(client))
				x.Outcome(harness.Client, "read: a byte that came before")
			}
			err = first.call(client)
			x.Outcome(harness.Client, "first %s: %v", first.name, cause(err))
			assert.ErrorIs(t, err, unix.ETIMEDOUT)
			err = readByte(client)
			x.Outcome(harness.Client, "then a read: %v", cause(err))
			assert.ErrorIs(t, err, io.EOF)
			err = writeByte(client)
			x.Outcome(harness.Client, "then a write: %v", cause(err))
			assert.ErrorIs(t, err, unix.EPIPE)
		})
	}
}

// TestDeathIsReportedToOneOfTwo: if one goroutine reads and another writes when the connection times out, only one of them gets
// ETIMEDOUT. The other sees what looks like a graceful close: io.EOF for the reader, EPIPE for the writer.
//
// Claim: K4.
// Verdict: holds, but only one of the waiting calls returns the error.
//
// Predict: one goroutine waits in Read, another in Write, and the connection times out; which call returns ETIMEDOUT?
//   - [ ] both
//   - [x] one of them
//   - [ ] neither, but the next call
func TestDeathIsReportedToOneOfTwo(t *testing.T) {
	x := harness.Start(t, link.VanishingPeers)
	const userTimeout = 500 * time.Millisecond
	client, server := peer.PairNoKeepalive(x)
	single, singleServer := peer.PairNoKeepalive(x)
	for _, conn := range []*net.TCPConn{client, single} {
		setUserTimeout(t, conn, userTimeout)
	}

	x.Step("the hosts of two servers vanish; one client writes, the other reads and writes at the same time")
	link.Vanish(x, server)
	link.Vanish(x, singleServer)
	message := make([]byte, moreThanBuffersHold)
	read := x.Begin(harness.Client, "Read", func() error {
		_, err := client.Read(make([]byte, 1))
		return err
	})
	write := x.Begin(harness.Client, "Write", func() error {
		_, err := client.Write(message)
		return err
	})
	_, err := single.Write(message)
	x.Outcome(harness.Client, "Write with no Read at the same time: %v", cause(err))
	assert.ErrorIs(t, err, unix.ETIMEDOUT, "the control: with no Read at the same time, Write should return ETIMEDOUT")

	timedOut := 0
	for _, one := range []struct {
		call      *harness.Call
		otherwise error // what the call returns if the other call gets ETIMEDOUT
	}{{read, io.EOF}, {write, unix.EPIPE}} {
		if errors.Is(one.call.Wait(), unix.ETIMEDOUT) {
			timedOut++
		} else {
			assert.ErrorIs(t, one.call.Wait(), one.otherwise)
		}
		x.AssertAtLeast(one.call.Took(), userTimeout-harness.Tick())
	}
	assert.Equal(t, 1, timedOut, "exactly one of the two calls should return ETIMEDOUT")
	assert.Equal(t, kernel.Closed, kernel.ReadTCPInfo(x, harness.Client, client).State)
}

// TestPollReportsDeathWithNoCallPending: once keepalive has timed out, poll(2) reports an error, even if no other call waits,
// and SO_ERROR is ETIMEDOUT.
//
// Claim: K4.
// Verdict: holds.
func TestPollReportsDeathWithNoCallPending(t *testing.T) {
	x := harness.Start(t, link.VanishingPeers)
	const atOnce = 0 // poll's timeout: it returns without waiting
	x.Step("a client connects, and turns keepalive on")
	begun := time.Now()
	client, server := peer.PairNoKeepalive(x)
	require.NoError(t, client.SetKeepAliveConfig(quickest))
	raw, err := client.SyscallConn()
	require.NoError(t, err)
	poll := func() (events int16) {
		require.NoError(t, raw.Control(func(fd uintptr) {
			polled := []unix.PollFd{{Fd: int32(fd), Events: unix.POLLIN | unix.POLLRDHUP}}
			_, err = unix.Poll(polled, atOnce)
			events = polled[0].Revents
		}))
		require.NoError(t, err)
		return events
	}
	assert.Zero(t, poll(), "before keepalive has timed out, poll should report nothing")

	x.Step("the server's host vanishes; no call is made until the client's kernel knows")
	link.Vanish(x, server)
	kernel.AwaitTCPInfo(x, harness.Client, client, func(i kernel.TCPInfo) bool { return i.State == kernel.Closed })
	took := time.Since(begun)
	x.AssertAtLeast(took, deathAfter(quickest)-harness.Tick())

	const dead = unix.POLLERR | unix.POLLHUP | unix.POLLIN | unix.POLLRDHUP
	assert.EqualValues(t, dead, poll(), "poll should report POLLERR, POLLHUP, and the requested POLLIN and POLLRDHUP: a read would not wait")
	var cause int
	require.NoError(t, raw.Control(func(fd uintptr) {
		cause, err = unix.GetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_ERROR)
	}))
	require.NoError(t, err)
	x.Outcome(harness.Client, "SO_ERROR: %v", unix.Errno(cause))
	assert.Equal(t, unix.ETIMEDOUT, unix.Errno(cause))
}

// TestPeerThatReturnsTooLateIsReset: when a peer's host returns after our keepalive has timed out, the peer still has the
// connection. Our kernel answers the first data from the peer with a reset.
//
// Claim: Beyond the chapter.
func TestPeerThatReturnsTooLateIsReset(t *testing.T) {
	x := harness.Start(t, link.VanishingPeers)
	client, server := peer.PairNoKeepalive(x)
	require.NoError(t, client.SetKeepAliveConfig(quickest))

	x.Step("the server's host vanishes, and the client's keepalive times out")
	link.Vanish(x, server)
	_, err := client.Read(make([]byte, 1))
	x.Outcome(harness.Client, "Read: %v", cause(err))
	require.ErrorIs(t, err, unix.ETIMEDOUT)

	assert.Equal(t, kernel.Established, kernel.ReadTCPInfo(x, harness.Server, server).State)
	x.Step("the host returns, and its program sends data")
	link.Return(x, server)
	_, err = server.Write([]byte("!"))
	if err == nil { // Write fails at once if the reset that the client sent at its timeout was late, and has now arrived
		_, err = server.Read(make([]byte, 1))
	}
	x.Outcome(harness.Server, "Write, and Read: %v", cause(err))
	assert.ErrorIs(t, err, unix.ECONNRESET)
}
