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

// TestReceiveTimeoutIsForEachCall: on a blocking socket, SO_RCVTIMEO needs to be set only once: every later receive may take
// the full time.
//
// Claim: T6, T7.
// Verdict: holds.
func TestReceiveTimeoutIsForEachCall(t *testing.T) {
	x := harness.Start(t)
	connect := func(address string) (fd int) {
		fd, err := unix.Socket(harness.Domain(), unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
		require.NoError(t, err)
		x.OwnFD(fd)
		timeout := unix.NsecToTimeval(perCall.Nanoseconds())
		require.NoError(t, unix.SetsockoptTimeval(fd, unix.SOL_SOCKET, unix.SO_RCVTIMEO, &timeout))
		require.NoError(t, unix.Connect(fd, x.Sockaddr(address)))
		return fd
	}
	receive := func(fd int) (got []byte, err error) {
		defer blockSignals()()
		for buf := make([]byte, 1); ; {
			n, _, err := unix.Recvfrom(fd, buf, 0)
			if n <= 0 || err != nil {
				return got, err
			}
			got = append(got, buf[:n]...)
		}
	}

	x.Step("SO_RCVTIMEO = %v, set once; one server sends nothing, the other sends a byte every %v, %v in all", perCall, dripPause, inAll)
	silent := connect(peer.Silent(x))
	silence := x.Begin(harness.Client, "recv from the silent server", func() error {
		_, err := receive(silent)
		return err
	})
	dripping := peer.Dripping(x, drippedText, dripPause)
	begun := time.Now()
	got, err := receive(connect(dripping))
	took := time.Since(begun)
	x.Outcome(harness.Client, "received %q, %v", got, err)

	assert.NoError(t, err)
	assert.Equal(t, drippedText, string(got))
	x.AssertAtLeast(took, inAll)
	assert.ErrorIs(t, silence.Wait(), unix.EAGAIN)
	x.AssertAtLeast(silence.Took(), perCall-harness.Tick())
}
