package lab03_keepalive

import (
	"net"
	"syscall"
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

// TestSampleOptionByOption: keepalive options that are set on a socket before connect, as in the chapter's sample and
// with its numbers, apply to its connection, and to no other socket.
//
// Claim: K7, K9.
// Verdict: holds.
func TestSampleOptionByOption(t *testing.T) {
	x := harness.Start(t, harness.Linux)
	fd, err := unix.Socket(harness.Domain(), unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	require.NoError(t, err)
	x.OwnFD(fd)
	plain := peer.DialNoKeepalive(x, peer.Silent(x))

	x.Step("the client sets the sample's four options, and then connects")
	require.NoError(t, unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_KEEPALIVE, 1))
	require.NoError(t, unix.SetsockoptInt(fd, unix.IPPROTO_TCP, unix.TCP_KEEPIDLE, 60))
	require.NoError(t, unix.SetsockoptInt(fd, unix.IPPROTO_TCP, unix.TCP_KEEPINTVL, 10))
	require.NoError(t, unix.SetsockoptInt(fd, unix.IPPROTO_TCP, unix.TCP_KEEPCNT, 3))
	want := net.KeepAliveConfig{Enable: true, Idle: 60 * time.Second, Interval: 10 * time.Second, Count: 3}
	assert.Empty(t, cmp.Diff(want, kernel.KeepaliveFD(x, fd)), "settings before connect (-want +got)")

	require.NoError(t, unix.Connect(fd, x.Sockaddr(peer.Silent(x))))
	got := kernel.KeepaliveFD(x, fd)
	x.Outcome(harness.Client, "connected, with %+v", got)
	assert.Empty(t, cmp.Diff(want, got), "settings after connect (-want +got)")
	other := kernel.Keepalive(x, plain)
	assert.False(t, other.Enable, "the control: another socket of this process should not have keepalive on")
	assert.NotEqual(t, want.Idle, other.Idle, "the control: another socket of this process should not have this idle time")
}

// TestGoOverwritesOptionsOfControl: if a Dialer's Control sets keepalive options before connect, as the chapter's sample
// does, Go overwrites them with its own after connect, unless Dialer.KeepAlive is negative.
//
// Claim: K9.
// Verdict: holds in Go if Dialer.KeepAlive is negative: otherwise Go turns keepalive on after connect, with 15 s, 15 s
// and 9.
//
// Predict: a Dialer's Control sets keepalive to 1 s, 1 s and one probe; which settings does the connection have?
//   - [ ] 1 s, 1 s and 1
//   - [x] 15 s, 15 s and 9: Go's settings
//   - [ ] 2 h, 75 s and 9: the system's
func TestGoOverwritesOptionsOfControl(t *testing.T) {
	x := harness.Start(t, link.VanishingPeers)
	var beforeConnect []net.KeepAliveConfig
	control := func(_, _ string, conn syscall.RawConn) (err error) {
		err = conn.Control(func(fd uintptr) {
			for _, option := range []struct{ level, name, value int }{
				{unix.SOL_SOCKET, unix.SO_KEEPALIVE, 1},
				{unix.IPPROTO_TCP, unix.TCP_KEEPIDLE, int(quickest.Idle.Seconds())},
				{unix.IPPROTO_TCP, unix.TCP_KEEPINTVL, int(quickest.Interval.Seconds())},
				{unix.IPPROTO_TCP, unix.TCP_KEEPCNT, quickest.Count},
			} {
				require.NoError(t, unix.SetsockoptInt(int(fd), option.level, option.name, option.value))
			}
			beforeConnect = append(beforeConnect, kernel.KeepaliveFD(x, int(fd)))
		})
		return err
	}
	x.Step("two clients dial, with options set in Control; one has KeepAlive: -1")
	overwritten, _ := connect(t, x, net.Dialer{Control: control}, net.ListenConfig{})
	begun := time.Now()
	client, server := connect(t, x, net.Dialer{Control: control, KeepAlive: -1}, net.ListenConfig{})
	assert.Empty(t, cmp.Diff([]net.KeepAliveConfig{quickest, quickest}, beforeConnect), "settings before connect (-want +got)")
	assert.Empty(t, cmp.Diff(goDefault, kernel.Keepalive(x, overwritten)),
		"settings of the connection whose options Go has overwritten (-want +got)")
	assert.Empty(t, cmp.Diff(quickest, kernel.Keepalive(x, client)), "settings of the connection with KeepAlive: -1 (-want +got)")

	x.Step("the server's host vanishes; the client reads, with no deadline")
	link.Vanish(x, server)
	_, err := client.Read(make([]byte, 1))
	took := time.Since(begun)
	x.Outcome(harness.Client, "Read: %v", cause(err))
	assert.ErrorIs(t, err, unix.ETIMEDOUT)
	x.AssertAtLeast(took, deathAfter(quickest)-harness.Tick())
}

// TestAcceptedSocketsInherit: an accepted connection inherits the keepalive options of its listener. net.ListenConfig
// then overwrites them with Go's settings, unless its KeepAlive is negative.
//
// Claim: Beyond the chapter.
func TestAcceptedSocketsInherit(t *testing.T) {
	t.Parallel()
	own := net.KeepAliveConfig{Enable: true, Idle: 60 * time.Second, Interval: 10 * time.Second, Count: 3}
	for _, server := range []struct {
		name      string
		keepAlive time.Duration
		want      net.KeepAliveConfig
	}{
		{"left alone by Go", -1, own},
		{"set by Go", 0, goDefault},
	} {
		t.Run(server.name, func(t *testing.T) {
			x := harness.Start(t, harness.Linux)
			x.Step("a server sets the options on its listening socket")
			config := net.ListenConfig{KeepAlive: server.keepAlive}
			config.SetMultipathTCP(false) // see package harness
			listener, err := config.Listen(t.Context(), "tcp", harness.Loopback())
			require.NoError(t, err)
			x.Own(listener)
			raw, err := listener.(*net.TCPListener).SyscallConn()
			require.NoError(t, err)
			require.NoError(t, raw.Control(func(fd uintptr) {
				require.NoError(t, unix.SetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_KEEPALIVE, 1))
				require.NoError(t, unix.SetsockoptInt(int(fd), unix.IPPROTO_TCP, unix.TCP_KEEPIDLE, 60))
				require.NoError(t, unix.SetsockoptInt(int(fd), unix.IPPROTO_TCP, unix.TCP_KEEPINTVL, 10))
				require.NoError(t, unix.SetsockoptInt(int(fd), unix.IPPROTO_TCP, unix.TCP_KEEPCNT, 3))
			}))

			x.Step("a client connects")
			peer.DialNoKeepalive(x, listener.Addr().String())
			accepted, err := listener.Accept()
			require.NoError(t, err)
			x.Own(accepted)
			got := kernel.Keepalive(x, accepted.(*net.TCPConn))
			x.Outcome(harness.Server, "accepted, with %+v", got)
			assert.Empty(t, cmp.Diff(server.want, got), "settings of the accepted connection (-want +got)")
		})
	}
}

// TestLimitsOfSettings: Linux accepts 1 to 32767 whole seconds as keepalive's idle time and interval, and 1 to 127 as the
// probe count. Any other value fails with EINVAL, and changes nothing.
//
// Claim: K7.
// Verdict: holds if idle time and interval are from 1 to 32767 seconds, and the probe count is from 1 to 127.
func TestLimitsOfSettings(t *testing.T) {
	x := harness.Start(t, harness.Linux)
	const ( // MAX_TCP_KEEPIDLE, MAX_TCP_KEEPINTVL and MAX_TCP_KEEPCNT in include/net/tcp.h
		mostSeconds = 32767
		mostProbes  = 127
	)
	fd, err := unix.Socket(harness.Domain(), unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	require.NoError(t, err)
	x.OwnFD(fd)
	for _, option := range []struct {
		name         string
		number, most int
	}{
		{"TCP_KEEPIDLE", unix.TCP_KEEPIDLE, mostSeconds},
		{"TCP_KEEPINTVL", unix.TCP_KEEPINTVL, mostSeconds},
		{"TCP_KEEPCNT", unix.TCP_KEEPCNT, mostProbes},
	} {
		x.Step("%s: from 1 to %d", option.name, option.most)
		for _, value := range []int{1, option.most} {
			assert.NoError(t, unix.SetsockoptInt(fd, unix.IPPROTO_TCP, option.number, value), "%s = %d", option.name, value)
		}
		for _, value := range []int{-1, 0, option.most + 1} {
			err := unix.SetsockoptInt(fd, unix.IPPROTO_TCP, option.number, value)
			x.Outcome(harness.Client, "%s = %d: %v", option.name, value, cause(err))
			assert.ErrorIs(t, err, unix.EINVAL, "%s = %d", option.name, value)
		}
		got, err := unix.GetsockoptInt(fd, unix.IPPROTO_TCP, option.number)
		require.NoError(t, err)
		assert.Equal(t, option.most, got, "refused values should not change %s", option.name)
	}
}

// TestDialerHidesRefusedSettings: when the kernel refuses an idle time, SetKeepAliveConfig returns the error. A Dialer
// returns no error, and its connection has keepalive on with the system's settings.
//
// Claim: Beyond the chapter.
//
// Predict: Dialer.KeepAlive is ten hours, more than the kernel accepts; what does Dial do?
//   - [ ] it fails with EINVAL
//   - [ ] it connects, with the longest idle time that the kernel accepts
//   - [ ] it connects, with Go's default of 15 s
//   - [x] it connects, with the system's settings
func TestDialerHidesRefusedSettings(t *testing.T) {
	x := harness.Start(t, kernel.Proc)
	systemSettingsChange.RLock()
	defer systemSettingsChange.RUnlock()
	const tooLong = 10 * time.Hour // see TestLimitsOfSettings
	x.Step("a client dials, with an idle time of %v", tooLong)
	client, _ := connect(t, x, net.Dialer{KeepAlive: tooLong}, net.ListenConfig{})
	got := kernel.Keepalive(x, client)
	x.Outcome(harness.Client, "no error, and %+v", got)
	want := readSystemSettings(t, x)
	want.Enable = true
	assert.Empty(t, cmp.Diff(want, got), "settings of the dialed connection (-want +got)")

	x.Step("the client sets the same idle time on the connection")
	err := client.SetKeepAliveConfig(net.KeepAliveConfig{Enable: true, Idle: tooLong})
	x.Outcome(harness.Client, "SetKeepAliveConfig: %v", cause(err))
	assert.ErrorIs(t, err, unix.EINVAL)
	assert.Empty(t, cmp.Diff(want, kernel.Keepalive(x, client)), "settings after SetKeepAliveConfig (-want +got)")
}
