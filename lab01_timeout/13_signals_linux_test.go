package lab01_timeout

import (
	"os"
	"os/signal"
	"runtime"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"socketlabs/harness"
	"socketlabs/harness/peer"
)

// TestSignalEndsReceiveWithTimeout: if a signal comes while a receive waits on a socket with SO_RCVTIMEO, the receive fails
// with EINTR, long before its timeout. A receive on a socket without SO_RCVTIMEO goes on after the signal.
//
// Claim: T3.
// Verdict: holds if the program calls again after EINTR, with the time that is left: a signal ends the call early.
//
// Source: signal(7): the kernel does not restart a receive with a timeout, even if the signal's handler has SA_RESTART. All
// of Go's handlers have SA_RESTART: os/signal.
//
// Predict: a handler has SA_RESTART; what does its signal do to a recv that waits with SO_RCVTIMEO?
//   - [ ] nothing: recv goes on with the time that is left
//   - [ ] nothing: recv goes on with its full time
//   - [x] it ends recv with EINTR
//   - [ ] it ends recv with EAGAIN
func TestSignalEndsReceiveWithTimeout(t *testing.T) {
	x := harness.Start(t)
	const long = harness.HangGuard // longer than any wait of this experiment
	handled := make(chan os.Signal, 1)
	signal.Notify(handled, unix.SIGUSR1)
	defer signal.Stop(handled)
	receive := func(name string, timeout time.Duration) (thread int, call *harness.Call) {
		fd, err := unix.Socket(harness.Domain(), unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
		require.NoError(t, err)
		x.OwnFD(fd)
		value := unix.NsecToTimeval(timeout.Nanoseconds())
		require.NoError(t, unix.SetsockoptTimeval(fd, unix.SOL_SOCKET, unix.SO_RCVTIMEO, &value))
		require.NoError(t, unix.Connect(fd, x.Sockaddr(peer.Silent(x))))
		threads := make(chan int, 1)
		call = x.Begin(harness.Client, name, func() error {
			runtime.LockOSThread() // for good: no other goroutine should run on this thread, and get its signals
			threads <- unix.Gettid()
			_, _, err := unix.Recvfrom(fd, make([]byte, 1), 0)
			return err
		})
		return <-threads, call
	}

	x.Step("two threads receive from silent servers: one with SO_RCVTIMEO = %v, one with no timeout", long)
	plainThread, plain := receive("recv with no timeout", 0)
	thread, timed := receive("recv with SO_RCVTIMEO", long)

	x.Step("each gets signals, until the one with SO_RCVTIMEO has returned")
	sent := 0
	for ended := false; !ended; ended = timed.ReturnsWithin(time.Millisecond) {
		require.NoError(t, unix.Tgkill(os.Getpid(), plainThread, unix.SIGUSR1))
		<-handled
		unix.Tgkill(os.Getpid(), thread, unix.SIGUSR2) // its error doesn't matter: the thread may have ended
		sent++
	}
	x.Outcome(harness.Client, "signals sent to each: %d", sent)
	assert.ErrorIs(t, timed.Wait(), unix.EINTR)
	assert.Less(t, timed.Took(), long)
	plain.AssertStillWaiting()
}
