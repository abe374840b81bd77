//go:build darwin || freebsd

package lab01_timeout

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"socketlabs/harness"
	"socketlabs/harness/peer"
)

// The kernel's timers may be one tick early. A tick takes 10 ms at most: kern.hz is at least 100 by default on FreeBSD, and
// 100 on macOS.
const bsdTick = 10 * time.Millisecond

// TestReceiveTimeoutIsForSilence: on macOS and FreeBSD, SO_RCVTIMEO ends a receive with EWOULDBLOCK if nothing arrives
// in that time. Without the option, the receive goes on waiting.
//
// Source: getsockopt(2) of both systems: the option limits inactivity.
func TestReceiveTimeoutIsForSilence(t *testing.T) {
	x := harness.Start(t)
	const patience = 300 * time.Millisecond
	silent := peer.Silent(x)
	plain, fd := blockingSocket(t, x, silent), blockingSocket(t, x, silent)
	control := x.Begin(harness.Client, "recv with no timeout", func() error {
		_, _, err := unix.Recvfrom(plain, make([]byte, 1), 0)
		return err
	})

	x.Step("the client receives from a silent server, with SO_RCVTIMEO = %v", patience)
	timeout := unix.NsecToTimeval(patience.Nanoseconds())
	require.NoError(t, unix.SetsockoptTimeval(fd, unix.SOL_SOCKET, unix.SO_RCVTIMEO, &timeout))
	begun := time.Now()
	_, _, err := unix.Recvfrom(fd, make([]byte, 1), 0)
	took := time.Since(begun)
	x.Outcome(harness.Client, "recv: %v", err)

	assert.ErrorIs(t, err, unix.EWOULDBLOCK)
	x.AssertAtLeast(took, patience-bsdTick)
	control.AssertStillWaiting()
}

// TestSendTimeoutIsForNoProgress: on macOS and FreeBSD, SO_SNDTIMEO ends a send with EWOULDBLOCK if the kernel takes
// none of its bytes in that time. Without the option, the send goes on waiting.
//
// Source: getsockopt(2) of both systems: if the kernel has taken some bytes, the send returns their number instead.
func TestSendTimeoutIsForNoProgress(t *testing.T) {
	x := harness.Start(t)
	const patience = 300 * time.Millisecond
	plain, fd := blockingSocket(t, x, peer.Stalled(x).Address), blockingSocket(t, x, peer.Stalled(x).Address)
	sendUntilError := func(fd int) (took time.Duration, err error) {
		for some := make([]byte, 64<<10); err == nil; {
			begun := time.Now()
			_, err = unix.Write(fd, some)
			took = time.Since(begun)
		}
		return took, err
	}
	control := x.Launch(harness.Client, "send with no timeout", func() error {
		_, err := sendUntilError(plain)
		return err
	})

	x.Step("the client sends to a server that reads nothing, with SO_SNDTIMEO = %v", patience)
	timeout := unix.NsecToTimeval(patience.Nanoseconds())
	require.NoError(t, unix.SetsockoptTimeval(fd, unix.SOL_SOCKET, unix.SO_SNDTIMEO, &timeout))
	took, err := sendUntilError(fd)
	x.Outcome(harness.Client, "send: %v", err)

	assert.ErrorIs(t, err, unix.EWOULDBLOCK)
	x.AssertAtLeast(took, patience-bsdTick)
	control.AssertStillWaiting()
}

// blockingSocket is a connected socket, for calls that wait in the kernel.
func blockingSocket(t *testing.T, x *harness.Experiment, address string) (fd int) {
	t.Helper()
	file, err := peer.DialNoKeepalive(x, address).File()
	require.NoError(t, err)
	fd = int(file.Fd())
	require.NoError(t, unix.SetNonblock(fd, false))
	x.AtEnd(func() {
		unix.Shutdown(fd, unix.SHUT_RDWR) // frees a call that waits
		file.Close()
	})
	return fd
}
