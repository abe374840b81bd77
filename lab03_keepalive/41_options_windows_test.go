package lab03_keepalive

import (
	"testing"
	"unsafe"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/sys/windows"

	"socketlabs/harness"
	"socketlabs/harness/peer"
)

// TestKeepaliveOptionsInSeconds: Windows has options for keepalive's idle time, interval and count. In place of Linux's
// TCP_USER_TIMEOUT, Windows has TCP_MAXRT, in seconds. For each of these four options, getsockopt returns the value that was
// set.
//
// Source: "IPPROTO_TCP socket options", learn.microsoft.com: keepalive's three options can be set since Windows 10.
func TestKeepaliveOptionsInSeconds(t *testing.T) {
	x := harness.Start(t)
	client, _ := peer.PairNoKeepalive(x)
	options := []int{windows.TCP_KEEPIDLE, windows.TCP_KEEPINTVL, windows.TCP_KEEPCNT, windows.TCP_MAXRT}
	want, got := []int{30, 10, 3, 20}, make([]int, len(options))

	x.Step("the client sets idle, interval and count, and how long data may stay unacknowledged")
	raw, err := client.SyscallConn()
	require.NoError(t, err)
	require.NoError(t, raw.Control(func(fd uintptr) {
		for i, option := range options {
			require.NoError(t, windows.SetsockoptInt(windows.Handle(fd), windows.IPPROTO_TCP, option, want[i]))
			got[i], err = windows.GetsockoptInt(windows.Handle(fd), windows.IPPROTO_TCP, option)
			require.NoError(t, err)
		}
	}))
	x.Outcome(harness.Client, "read back: %v", got)

	assert.Empty(t, cmp.Diff(want, got), "options, read back (-want +got)")
}

// TestOneCallSetsIdleAndInterval: on Windows, one call with SIO_KEEPALIVE_VALS sets keepalive's idle time and interval, in
// milliseconds. A call that passes only half of the structure fails.
//
// Source: "SIO_KEEPALIVE_VALS Control Code", learn.microsoft.com.
func TestOneCallSetsIdleAndInterval(t *testing.T) {
	x := harness.Start(t)
	client, _ := peer.PairNoKeepalive(x)
	asked := windows.TCPKeepalive{OnOff: 1, Time: 1500, Interval: 500}
	size := uint32(unsafe.Sizeof(asked))
	raw, err := client.SyscallConn()
	require.NoError(t, err)
	ask := func(size uint32) (err error) {
		require.NoError(t, raw.Control(func(fd uintptr) {
			var returned uint32
			err = windows.WSAIoctl(windows.Handle(fd), windows.SIO_KEEPALIVE_VALS,
				(*byte)(unsafe.Pointer(&asked)), size, nil, 0, &returned, nil, 0)
		}))
		return err
	}

	x.Step("the client asks for idle 1500 ms, interval 500 ms")
	whole, half := ask(size), ask(size/2)
	x.Outcome(harness.Client, "WSAIoctl: %v; with half of the structure: %v", whole, half)

	assert.NoError(t, whole)
	assert.Error(t, half)
}
