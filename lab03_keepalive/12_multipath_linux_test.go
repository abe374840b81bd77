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
)

// TestMultipathRefusesOptions: net.Listen opens a Multipath TCP listener, which refuses TCP_USER_TIMEOUT, TCP_SYNCNT and
// TCP_LINGER2 with ENOPROTOOPT. An accepted connection refuses them, too, if its client speaks Multipath TCP. Both accept the
// keepalive options, and getsockopt returns the values that were set.
//
// Claim: Beyond the chapter.
//
// Source: the release notes of Go 1.24: since then, net.Listen uses Multipath TCP by default.
//
// Predict: a Go server uses net.Listen, and sets TCP_USER_TIMEOUT on accepted connections; for which clients does that fail?
//   - [ ] for none
//   - [x] for clients that speak Multipath TCP
//   - [ ] for all
func TestMultipathRefusesOptions(t *testing.T) {
	x := harness.Start(t, kernel.MultipathTCP)
	x.Step("a server listens as net.Listen does; another turns Multipath TCP off")
	multipath, plain := net.ListenConfig{}, net.ListenConfig{}
	plain.SetMultipathTCP(false)
	for _, server := range []struct {
		name               string
		config             net.ListenConfig
		client             bool // whether it speaks Multipath TCP
		listener, accepted int  // their protocols, as socket(2) takes them
	}{
		{"net.Listen, plain client", multipath, false, unix.IPPROTO_MPTCP, unix.IPPROTO_TCP},
		{"net.Listen, Multipath TCP client", multipath, true, unix.IPPROTO_MPTCP, unix.IPPROTO_MPTCP},
		{"plain TCP, Multipath TCP client", plain, true, unix.IPPROTO_TCP, unix.IPPROTO_TCP},
	} {
		listener, err := server.config.Listen(t.Context(), "tcp", harness.Loopback())
		require.NoError(t, err)
		x.Own(listener)
		assertTakesOptions(t, x, server.name+": listener", listener.(*net.TCPListener), server.listener)
		var dialer net.Dialer
		dialer.SetMultipathTCP(server.client)
		client, err := dialer.Dial("tcp", listener.Addr().String())
		require.NoError(t, err)
		x.Own(client)
		accepted, err := listener.Accept()
		require.NoError(t, err)
		x.Own(accepted)
		assertTakesOptions(t, x, server.name+": accepted", accepted.(*net.TCPConn), server.accepted)
	}
}

func assertTakesOptions(t *testing.T, x *harness.Experiment, which string, conn syscall.Conn, protocol int) {
	t.Helper()
	raw, err := conn.SyscallConn()
	require.NoError(t, err)
	require.NoError(t, raw.Control(func(fd uintptr) {
		got, err := unix.GetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_PROTOCOL)
		require.NoError(t, err)
		require.Equal(t, protocol, got, which)
		for _, option := range []struct {
			name          string
			number, value int
			needsTCP      bool
		}{
			{"TCP_KEEPIDLE", unix.TCP_KEEPIDLE, 60, false},
			{"TCP_KEEPINTVL", unix.TCP_KEEPINTVL, 10, false},
			{"TCP_KEEPCNT", unix.TCP_KEEPCNT, 3, false},
			{"TCP_USER_TIMEOUT", unix.TCP_USER_TIMEOUT, 1000, true},
			{"TCP_SYNCNT", unix.TCP_SYNCNT, 1, true},
			{"TCP_LINGER2", unix.TCP_LINGER2, 1, true},
		} {
			err := unix.SetsockoptInt(int(fd), unix.IPPROTO_TCP, option.number, option.value)
			x.Outcome(harness.Server, "%s, %s: %v", which, option.name, err)
			if option.needsTCP && protocol == unix.IPPROTO_MPTCP {
				assert.ErrorIs(t, err, unix.ENOPROTOOPT, "%s, %s", which, option.name)
			} else {
				assert.NoError(t, err, "%s, %s", which, option.name)
				got, err := unix.GetsockoptInt(int(fd), unix.IPPROTO_TCP, option.number)
				require.NoError(t, err)
				assert.Equal(t, option.value, got, "%s, %s", which, option.name)
			}
		}
	}))
}

// TestMultipathConnectionIsProbed: the kernel probes a Multipath TCP connection after the idle time that the program has
// set on it.
//
// Claim: Beyond the chapter.
//
// Source: the kernel's net/mptcp/sockopt.c: Linux has SO_KEEPALIVE for such connections since 5.13, and the three
// settings since 6.10 and the stable releases of June 2024. Before, setsockopt failed with EOPNOTSUPP.
func TestMultipathConnectionIsProbed(t *testing.T) {
	x := harness.Start(t, kernel.MultipathTCP)
	x.Step("a server listens as net.Listen does, with an idle time of %v; two clients of Multipath TCP connect", quickest.Idle)
	accept := func(config net.ListenConfig) *net.TCPConn {
		listener, err := config.Listen(t.Context(), "tcp", harness.Loopback())
		require.NoError(t, err)
		x.Own(listener)
		dialer := net.Dialer{KeepAlive: -1}
		dialer.SetMultipathTCP(true)
		client, err := dialer.Dial("tcp", listener.Addr().String())
		require.NoError(t, err)
		x.Own(client)
		accepted, err := listener.Accept()
		require.NoError(t, err)
		x.Own(accepted)
		isMultipath, err := accepted.(*net.TCPConn).MultipathTCP()
		require.NoError(t, err)
		require.True(t, isMultipath)
		return accepted.(*net.TCPConn)
	}
	plain := accept(net.ListenConfig{KeepAlive: -1})
	begun := time.Now()
	probed := accept(net.ListenConfig{KeepAliveConfig: quickest})
	assert.Empty(t, cmp.Diff(quickest, kernel.Keepalive(x, probed)), "settings of the probed connection (-want +got)")
	beforePlain, before := kernel.ReadTCPInfo(x, harness.Server, plain), kernel.ReadTCPInfo(x, harness.Server, probed)

	x.Step("nobody sends anything; the server waits for the answer to a probe")
	kernel.AwaitTCPInfo(x, harness.Server, probed, func(i kernel.TCPInfo) bool { return i.SegmentsIn > before.SegmentsIn })
	took := time.Since(begun)
	x.AssertAtLeast(took, quickest.Idle-harness.Tick())
	assert.Equal(t, beforePlain.SegmentsIn, kernel.ReadTCPInfo(x, harness.Server, plain).SegmentsIn,
		"the control, which has no keepalive, should receive no segment")
}
