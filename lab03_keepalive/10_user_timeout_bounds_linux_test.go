package lab03_keepalive

import (
	"net"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"socketlabs/harness"
	"socketlabs/harness/kernel"
	"socketlabs/harness/link"
	"socketlabs/harness/peer"
	"socketlabs/harness/wire"
)

// TestUserTimeoutCountsFromRetransmissionTimer: with data in flight, TCP_USER_TIMEOUT counts from the first retransmission
// by the retransmission timer, not from the first transmission. Before that, the kernel retransmits the data once as a tail
// loss probe (not a keepalive probe), which does not count. So with one segment in flight on the loopback, TCP_USER_TIMEOUT
// fires 0.4 s late.
//
// Claim: Beyond the chapter.
//
// Source: net/ipv4/tcp_output.c, tcp_schedule_loss_probe(): the tail loss probe comes after 2 × srtt + 200 ms, or after
// one RTO if the RTO is shorter. With more than one segment in flight, it comes after 2 × srtt and two ticks. The
// retransmission timer expires one RTO later. In net/ipv4/tcp_input.c, __tcp_set_rto() and tcp_rtt_estimator(): RTO =
// srtt + max(4 × rttvar, 200 ms).
//
// Predict: TCP_USER_TIMEOUT is 500 ms, and the peer's host vanishes just before a write; when does the connection time out?
//   - [ ] 500 ms after the write, or a little later
//   - [ ] 700 ms after the write: TCP_USER_TIMEOUT counts from the tail loss probe, after 200 ms
//   - [x] 900 ms after the write
func TestUserTimeoutCountsFromRetransmissionTimer(t *testing.T) {
	x := harness.Start(t, link.VanishingPeers, wire.Capture)
	const (
		userTimeout    = 500 * time.Millisecond
		retransmission = 200 * time.Millisecond // at the earliest: TCP_RTO_MIN in include/net/tcp.h; a tail loss probe comes no earlier
	)
	client, server := peer.PairNoKeepalive(x)
	setUserTimeout(t, client, userTimeout)

	x.Step("the server's host vanishes, and the client writes")
	link.Vanish(x, server)
	begun := time.Now()
	_, err := client.Write([]byte("?"))
	require.NoError(t, err)
	_, err = client.Read(make([]byte, 1))
	took := time.Since(begun)
	x.Outcome(harness.Client, "Read: %v", cause(err))
	assert.ErrorIs(t, err, unix.ETIMEDOUT)
	x.AssertAtLeast(took, 2*retransmission+userTimeout-harness.Tick())

	again := wire.OfMeaning(wire.Segments(x, client), wire.Retransmission)
	require.Greater(t, len(again), 1, "there should be a tail loss probe (tcp_send_loss_probe), and a retransmission by the timer")
	x.Step("the time from the timer's first retransmission until Read returned")
	x.AssertAtLeast(begun.Add(took).Sub(x.Began().Add(again[1].At)), userTimeout-harness.Tick())
}

// TestLimitsOfUserTimeout: TCP_USER_TIMEOUT accepts any int of milliseconds that is not negative, and getsockopt returns
// the same number.
//
// Claim: Beyond the chapter.
//
// Source: tcp(7): with 0, the connection times out after the usual number of retransmissions or probes.
func TestLimitsOfUserTimeout(t *testing.T) {
	x := harness.Start(t, harness.Linux)
	const most = 1<<31 - 1 // the largest int: 24 days
	fd, err := unix.Socket(harness.Domain(), unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	require.NoError(t, err)
	x.OwnFD(fd)
	read := func() int {
		got, err := unix.GetsockoptInt(fd, unix.IPPROTO_TCP, unix.TCP_USER_TIMEOUT)
		require.NoError(t, err)
		return got
	}
	assert.Zero(t, read(), "a new socket should have no TCP_USER_TIMEOUT")
	for _, milliseconds := range []int{0, 1, 999, most} {
		require.NoError(t, unix.SetsockoptInt(fd, unix.IPPROTO_TCP, unix.TCP_USER_TIMEOUT, milliseconds))
		x.Outcome(harness.Client, "TCP_USER_TIMEOUT = %d: reads %d", milliseconds, read())
		assert.Equal(t, milliseconds, read())
	}
	err = unix.SetsockoptInt(fd, unix.IPPROTO_TCP, unix.TCP_USER_TIMEOUT, -1)
	x.Outcome(harness.Client, "TCP_USER_TIMEOUT = -1: %v", cause(err))
	assert.ErrorIs(t, err, unix.EINVAL)
	assert.Equal(t, most, read(), "a refused value should not change TCP_USER_TIMEOUT")
}

// TestAcceptedSocketsInheritUserTimeout: an accepted connection inherits the TCP_USER_TIMEOUT of its listener. Go sets
// the keepalive options of the accepted connection, but leaves TCP_USER_TIMEOUT as it is.
//
// Claim: Beyond the chapter.
func TestAcceptedSocketsInheritUserTimeout(t *testing.T) {
	x := harness.Start(t, harness.Linux)
	const milliseconds = 1234
	config := net.ListenConfig{}
	config.SetMultipathTCP(false) // see TestMultipathRefusesOptions
	listener, err := config.Listen(t.Context(), "tcp", harness.Loopback())
	require.NoError(t, err)
	x.Own(listener)
	accept := func() (userTimeout int) {
		peer.DialNoKeepalive(x, listener.Addr().String())
		accepted, err := listener.Accept()
		require.NoError(t, err)
		x.Own(accepted)
		raw, err := accepted.(*net.TCPConn).SyscallConn()
		require.NoError(t, err)
		require.NoError(t, raw.Control(func(fd uintptr) {
			userTimeout, err = unix.GetsockoptInt(int(fd), unix.IPPROTO_TCP, unix.TCP_USER_TIMEOUT)
		}))
		require.NoError(t, err)
		assert.Equal(t, goDefault, kernel.Keepalive(x, accepted.(*net.TCPConn)))
		return userTimeout
	}
	assert.Zero(t, accept(), "TCP_USER_TIMEOUT of a connection that is accepted before the listener has the option")
	raw, err := listener.(*net.TCPListener).SyscallConn()
	require.NoError(t, err)
	require.NoError(t, raw.Control(func(fd uintptr) {
		require.NoError(t, unix.SetsockoptInt(int(fd), unix.IPPROTO_TCP, unix.TCP_USER_TIMEOUT, milliseconds))
	}))
	got := accept()
	x.Outcome(harness.Server, "accepted, with TCP_USER_TIMEOUT = %d ms", got)
	assert.Equal(t, milliseconds, got)
}

// TestUserTimeoutBoundsFIN: TCP_USER_TIMEOUT bounds the FIN after Close, too: once the timeout has passed, the kernel stops
// retransmitting the FIN to a vanished peer, and forgets the connection.
//
// Claim: Beyond the chapter.
func TestUserTimeoutBoundsFIN(t *testing.T) {
	x := harness.Start(t, link.VanishingPeers, kernel.SocketTable)
	const userTimeout = 500 * time.Millisecond
	plain, plainServer := peer.PairNoKeepalive(x)
	limited, limitedServer := peer.PairNoKeepalive(x)
	setUserTimeout(t, limited, userTimeout)

	x.Step("the hosts of two servers vanish, and both clients close")
	link.Vanish(x, plainServer)
	link.Vanish(x, limitedServer)
	begun := time.Now()
	for _, client := range []*net.TCPConn{plain, limited} {
		require.NoError(t, client.Close())
	}
	at := func(conn net.Conn) (local, remote string) {
		return conn.LocalAddr().String(), conn.RemoteAddr().String()
	}
	local, remote := at(limited)
	kernel.AwaitConnection(x, local, remote)
	took := time.Since(begun)
	x.AssertAtLeast(took, userTimeout-harness.Tick())
	local, remote = at(plain)
	left := kernel.AwaitConnection(x, local, remote, kernel.FinWait1)
	assert.Equal(t, kernel.RetransmissionTimer, left[0].Timer, "without the option, the FIN should still be retransmitted")

	x.Step("the other host returns, and acknowledges the FIN") // otherwise the connection stays for minutes
	link.Return(x, plainServer)
	kernel.AwaitConnection(x, local, remote, kernel.FinWait2)
}

// TestSlowReaderDefeatsUserTimeout: TCP_USER_TIMEOUT does not end a connection whose peer reads slowly, if the window opens
// again within the timeout: each time the window opens, the timeout starts anew. Only a deadline bounds the whole Write.
//
// Claim: Beyond the chapter.
func TestSlowReaderDefeatsUserTimeout(t *testing.T) {
	x := harness.Start(t, link.VanishingPeers)
	const (
		userTimeout = 1500 * time.Millisecond
		pause       = 200 * time.Millisecond
		little      = 256 << 10
		whole       = 2 * userTimeout // the deadline: at this rate, the message takes much longer
	)
	stalled, _ := peer.PairNoKeepalive(x)
	slow, slowServer := peer.PairNoKeepalive(x)
	for _, client := range []*net.TCPConn{stalled, slow} {
		setUserTimeout(t, client, userTimeout)
	}
	message := make([]byte, moreThanBuffersHold)

	x.Step("two clients write %d MiB; one server reads nothing, the other %d KiB every %v", moreThanBuffersHold>>20, little>>10, pause)
	peer.Sip(x, slowServer, little, pause)
	write := x.Begin(harness.Client, "Write to the server that reads nothing", func() error {
		_, err := stalled.Write(message)
		return err
	})
	begun := time.Now()
	require.NoError(t, slow.SetWriteDeadline(begun.Add(whole)))
	n, err := slow.Write(message)
	took := time.Since(begun)
	x.Outcome(harness.Client, "Write to the slow server: %v, after %d of %d KiB", cause(err), n>>10, len(message)>>10)
	assert.ErrorIs(t, err, os.ErrDeadlineExceeded)
	x.AssertAtLeast(took, whole)
	assert.Equal(t, kernel.Established, kernel.ReadTCPInfo(x, harness.Client, slow).State)
	assert.ErrorIs(t, write.Wait(), unix.ETIMEDOUT, "the control: Write to the server that reads nothing should time out")
	assert.Less(t, write.Since(begun), took, "the control should end before the slow Write")
}
