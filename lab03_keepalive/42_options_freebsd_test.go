package lab03_keepalive

import (
	"math"
	"net"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"socketlabs/harness"
	"socketlabs/harness/peer"
)

// keepaliveOptions are keepalive's idle time, interval and count, and the time limit of a connect, in seconds.
var keepaliveOptions = []int{unix.TCP_KEEPIDLE, unix.TCP_KEEPINTVL, unix.TCP_KEEPCNT, unix.TCP_KEEPINIT}

// TestConnectHasAnOptionOfKeepalive: FreeBSD has options for keepalive's idle time, interval and count, with the same names as
// Linux. A fourth option, TCP_KEEPINIT, limits a connect, in seconds. For each of these four options, getsockopt returns the
// value that was set. A time that the kernel's timers can't hold fails with EINVAL.
//
// Source: tcp(4) of FreeBSD; tcp_default_ctloutput() in sys/netinet/tcp_usrreq.c.
func TestConnectHasAnOptionOfKeepalive(t *testing.T) {
	x := harness.Start(t)
	client, _ := peer.PairNoKeepalive(x)
	want := []int{30, 10, 3, 20}

	x.Step("the client sets idle, interval, count, and the limit of a connect")
	setOptions(t, client, want)
	got := options(t, client)
	x.Outcome(harness.Client, "read back: %v", got)

	assert.Empty(t, cmp.Diff(want, got), "options, read back (-want +got)")
	onSocket(t, client, func(fd int) {
		for _, option := range []int{unix.TCP_KEEPIDLE, unix.TCP_KEEPINTVL, unix.TCP_KEEPINIT} {
			assert.ErrorIs(t, unix.SetsockoptInt(fd, unix.IPPROTO_TCP, option, math.MaxInt32), unix.EINVAL)
		}
	})
}

// TestKeepaliveComesFromListenerOrSystem: on FreeBSD, an accepted connection inherits keepalive's idle time, interval and count
// from its listener. If nobody has set them on the listener, the connection has the system's. The system's idle time and
// interval are in milliseconds.
//
// Source: tcp(4) of FreeBSD, on the options, and on net.inet.tcp.keepidle, keepintvl and keepcnt.
func TestKeepaliveComesFromListenerOrSystem(t *testing.T) {
	x := harness.Start(t)
	const numbers = 3 // idle time, interval and count
	listener, untouched := peer.ListenNoKeepalive(x), peer.ListenNoKeepalive(x)
	accepted := func(from *net.TCPListener) []int {
		peer.DialNoKeepalive(x, from.Addr().String())
		conn, err := from.AcceptTCP()
		require.NoError(t, err)
		x.Own(conn)
		return options(t, conn)[:numbers]
	}
	system := func(name string) int {
		number, err := unix.SysctlUint32("net.inet.tcp." + name)
		require.NoError(t, err)
		return int(number)
	}
	ofListener := []int{30, 10, 3}
	ofSystem := []int{system("keepidle") / 1000, system("keepintvl") / 1000, system("keepcnt")}

	x.Step("a server sets idle, interval and count of its listener, another sets nothing")
	setOptions(t, listener, ofListener)
	got, control := accepted(listener), accepted(untouched)
	x.Outcome(harness.Server, "accepted: %v; by the other server: %v", got, control)

	assert.Empty(t, cmp.Diff(ofListener, got), "options of the accepted connection (-want +got)")
	assert.Empty(t, cmp.Diff(ofSystem, control), "options of the connection that the other server has accepted (-want +got)")
}

// onSocket calls f with the descriptor of a connection or a listener.
func onSocket(t *testing.T, of syscall.Conn, f func(fd int)) {
	t.Helper()
	raw, err := of.SyscallConn()
	require.NoError(t, err)
	require.NoError(t, raw.Control(func(fd uintptr) { f(int(fd)) }))
}

// setOptions sets as many of keepaliveOptions as there are values.
func setOptions(t *testing.T, of syscall.Conn, values []int) {
	t.Helper()
	onSocket(t, of, func(fd int) {
		for i, value := range values {
			require.NoError(t, unix.SetsockoptInt(fd, unix.IPPROTO_TCP, keepaliveOptions[i], value))
		}
	})
}

// options reads all of keepaliveOptions.
func options(t *testing.T, of syscall.Conn) (values []int) {
	t.Helper()
	onSocket(t, of, func(fd int) {
		for _, option := range keepaliveOptions {
			value, err := unix.GetsockoptInt(fd, unix.IPPROTO_TCP, option)
			require.NoError(t, err)
			values = append(values, value)
		}
	})
	return values
}
