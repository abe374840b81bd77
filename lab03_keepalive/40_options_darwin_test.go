package lab03_keepalive

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"socketlabs/harness"
	"socketlabs/harness/peer"
)

// TestKeepaliveOptionsHaveOtherNames: macOS has options for keepalive's idle time, interval and count. The option for the idle
// time is TCP_KEEPALIVE. In place of Linux's TCP_USER_TIMEOUT, macOS has TCP_RXT_CONNDROPTIME, in seconds. For each of these
// four options, getsockopt returns the value that was set, and a negative value fails with EINVAL.
//
// Source: tcp(4) of macOS; tcp_ctloutput() in XNU's bsd/netinet/tcp_usrreq.c.
func TestKeepaliveOptionsHaveOtherNames(t *testing.T) {
	x := harness.Start(t)
	client, _ := peer.PairNoKeepalive(x)
	options := []int{unix.TCP_KEEPALIVE, unix.TCP_KEEPINTVL, unix.TCP_KEEPCNT, unix.TCP_RXT_CONNDROPTIME}
	want, got := []int{30, 10, 3, 20}, make([]int, len(options))

	x.Step("the client sets idle, interval and count, and how long data may stay unacknowledged")
	raw, err := client.SyscallConn()
	require.NoError(t, err)
	require.NoError(t, raw.Control(func(fd uintptr) {
		for i, option := range options {
			require.NoError(t, unix.SetsockoptInt(int(fd), unix.IPPROTO_TCP, option, want[i]))
			assert.ErrorIs(t, unix.SetsockoptInt(int(fd), unix.IPPROTO_TCP, option, -1), unix.EINVAL)
			got[i], err = unix.GetsockoptInt(int(fd), unix.IPPROTO_TCP, option)
			require.NoError(t, err)
		}
	}))
	x.Outcome(harness.Client, "read back: %v", got)

	assert.Empty(t, cmp.Diff(want, got), "options, read back (-want +got)")
}
