package lab01_timeout

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"socketlabs/harness"
)

// TestSocketTimeoutsAreOffByDefault: SO_RCVTIMEO and SO_SNDTIMEO of a new socket are zero.
//
// Claim: T8.
// Verdict: holds.
//
// Source: socket(7): zero means that there is no timeout. The controls of TestReceiveTimeoutFreesReader and
// TestSendTimeoutFreesSender leave the option at zero, and go on waiting.
func TestSocketTimeoutsAreOffByDefault(t *testing.T) {
	x := harness.Start(t)
	const patience = 300 * time.Millisecond
	fd, err := unix.Socket(harness.Domain(), unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	require.NoError(t, err)
	x.OwnFD(fd)

	for _, option := range []struct {
		name   string
		number int
	}{
		{"SO_RCVTIMEO", unix.SO_RCVTIMEO},
		{"SO_SNDTIMEO", unix.SO_SNDTIMEO},
	} {
		x.Step("%s is read, set to %v, and read again", option.name, patience)
		timeout, err := unix.GetsockoptTimeval(fd, unix.SOL_SOCKET, option.number)
		require.NoError(t, err)
		assert.Zero(t, timeout.Nano(), "%s of a new socket should be zero", option.name)

		set := unix.NsecToTimeval(patience.Nanoseconds())
		require.NoError(t, unix.SetsockoptTimeval(fd, unix.SOL_SOCKET, option.number, &set))
		timeout, err = unix.GetsockoptTimeval(fd, unix.SOL_SOCKET, option.number)
		require.NoError(t, err)
		assert.GreaterOrEqual(t, timeout.Nano(), set.Nano(), "%s should be read back as it was set, rounded up to ticks", option.name)
	}
}
