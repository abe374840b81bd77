package lab01_timeout

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"socketlabs/harness"
	"socketlabs/harness/peer"
)

// BenchmarkReceiveTimeoutLateness: how late a receive with SO_RCVTIMEO returns.
func BenchmarkReceiveTimeoutLateness(b *testing.B) {
	benchmarkLateness(b, func(b *testing.B, x *harness.Experiment, patience time.Duration) (wait func() error) {
		fd, err := unix.Socket(harness.Domain(), unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
		require.NoError(b, err)
		x.OwnFD(fd)
		require.NoError(b, unix.Connect(fd, x.Sockaddr(peer.Silent(x))))
		timeout := unix.NsecToTimeval(patience.Nanoseconds())
		require.NoError(b, unix.SetsockoptTimeval(fd, unix.SOL_SOCKET, unix.SO_RCVTIMEO, &timeout))
		return func() error {
			defer blockSignals()()
			_, _, err := unix.Recvfrom(fd, make([]byte, 1), 0)
			return err
		}
	})
}
