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

// TestReceiveTimeoutFreesReader: on a blocking socket with SO_RCVTIMEO, a receive fails with EAGAIN if nothing arrives in time.
//
// Claim: T3.
// Verdict: holds.
// Claim: T5.
// Verdict: holds if the program knows that its socket is blocking: on a non-blocking socket, EAGAIN means "nothing
// yet".
func TestReceiveTimeoutFreesReader(t *testing.T) {
	x := harness.Start(t)
	defer blockSignals()()
	const patience = 300 * time.Millisecond
	silent := x.Sockaddr(peer.Silent(x))
	connect := func() (fd int) {
		fd, err := unix.Socket(harness.Domain(), unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
		require.NoError(t, err)
		x.OwnFD(fd)
		require.NoError(t, unix.Connect(fd, silent))
		return fd
	}
	plain, fd := connect(), connect()
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

	assert.ErrorIs(t, err, unix.EAGAIN)
	x.AssertAtLeast(took, patience-harness.Tick())
	control.AssertStillWaiting()
}

// TestReceiveTimeoutFreesListener: on a blocking socket with SO_RCVTIMEO, accept fails with EAGAIN if nobody connects in time.
//
// Claim: T4.
// Verdict: holds.
func TestReceiveTimeoutFreesListener(t *testing.T) {
	x := harness.Start(t)
	defer blockSignals()()
	const patience = 300 * time.Millisecond
	listen := func() (fd int) {
		fd, err := unix.Socket(harness.Domain(), unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
		require.NoError(t, err)
		x.OwnFD(fd)
		require.NoError(t, unix.Bind(fd, x.Sockaddr(harness.Loopback())))
		require.NoError(t, unix.Listen(fd, 1))
		return fd
	}
	plain, fd := listen(), listen()
	control := x.Begin(harness.Server, "accept with no timeout", func() error {
		_, _, err := unix.Accept(plain)
		return err
	})

	x.Step("the server accepts, with SO_RCVTIMEO = %v, and nobody connects", patience)
	timeout := unix.NsecToTimeval(patience.Nanoseconds())
	require.NoError(t, unix.SetsockoptTimeval(fd, unix.SOL_SOCKET, unix.SO_RCVTIMEO, &timeout))
	begun := time.Now()
	_, _, err := unix.Accept(fd)
	took := time.Since(begun)
	x.Outcome(harness.Server, "accept: %v", err)

	assert.ErrorIs(t, err, unix.EAGAIN)
	x.AssertAtLeast(took, patience-harness.Tick())
	control.AssertStillWaiting()
}

// TestSendTimeoutBoundsConnect: on a blocking socket with SO_SNDTIMEO, connect waits at most for that time, and then fails
// with EINPROGRESS. The handshake goes on: a second connect on the same socket fails with EALREADY.
//
// Claim: T2.
// Verdict: holds if the program then closes the socket: the timeout bounds the call, not the handshake.
// Claim: T5.
// Verdict: holds if the program knows that its socket is blocking: on a non-blocking socket, EINPROGRESS means
// "begun".
//
// Predict: SO_SNDTIMEO has ended the wait in connect; what does connect return when it is called again?
//   - [ ] EINPROGRESS, after the same time
//   - [ ] ETIMEDOUT, at once
//   - [ ] EISCONN, at once
//   - [x] EALREADY, at once
func TestSendTimeoutBoundsConnect(t *testing.T) {
	x := harness.Start(t, peer.UnansweredConnects)
	defer blockSignals()()
	const patience = 300 * time.Millisecond
	full := peer.FullBacklog(x)
	open := func() (fd int) {
		fd, err := unix.Socket(harness.Domain(), unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
		require.NoError(t, err)
		x.OwnFD(fd)
		return fd
	}
	plain, fd := open(), open()
	control := x.Begin(harness.Client, "connect with no timeout", func() error {
		return unix.Connect(plain, x.Sockaddr(full))
	})

	x.Step("the client connects to a full backlog, with SO_SNDTIMEO = %v", patience)
	timeout := unix.NsecToTimeval(patience.Nanoseconds())
	require.NoError(t, unix.SetsockoptTimeval(fd, unix.SOL_SOCKET, unix.SO_SNDTIMEO, &timeout))
	begun := time.Now()
	err := unix.Connect(fd, x.Sockaddr(full))
	took := time.Since(begun)
	x.Outcome(harness.Client, "connect: %v", err)
	assert.ErrorIs(t, err, unix.EINPROGRESS)
	x.AssertAtLeast(took, patience-harness.Tick())
	control.AssertStillWaiting()

	x.Step("the client connects the same socket again")
	err = unix.Connect(fd, x.Sockaddr(full))
	x.Outcome(harness.Client, "connect: %v", err)
	assert.ErrorIs(t, err, unix.EALREADY)
}

// TestSendTimeoutFreesSender: on a blocking socket, SO_SNDTIMEO ends a send to a peer that has stopped reading. The send
// returns how many bytes the kernel has taken. If the kernel takes none at all, send fails with EAGAIN.
//
// Claim: T3.
// Verdict: holds.
// Claim: T5.
// Verdict: holds if the program treats a short count as a timeout: if the kernel has taken some bytes, send reports no error.
//
// Predict: a blocking send has passed a part of its bytes to the kernel when SO_SNDTIMEO fires; what does send return?
//   - [ ] the error EAGAIN
//   - [x] the number of bytes that the kernel has taken, and no error
//   - [ ] the number of all bytes, and no error: the kernel sends the rest later
func TestSendTimeoutFreesSender(t *testing.T) {
	x := harness.Start(t)
	defer blockSignals()()
	message := make([]byte, moreThanBuffersHold)
	connect := func() (fd int) {
		fd, err := unix.Socket(harness.Domain(), unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
		require.NoError(t, err)
		x.OwnFD(fd)
		require.NoError(t, unix.Connect(fd, x.Sockaddr(peer.Stalled(x).Address)))
		return fd
	}
	plain, fd := connect(), connect()
	control := x.Begin(harness.Client, "send with no timeout", func() error {
		defer blockSignals()() // a signal would end the send with a short count
		_, err := unix.Write(plain, message)
		return err
	})

	x.Step("the client sends %d MiB to a server that reads nothing, with SO_SNDTIMEO = %v", len(message)>>20, fillTime)
	timeout := unix.NsecToTimeval(fillTime.Nanoseconds())
	require.NoError(t, unix.SetsockoptTimeval(fd, unix.SOL_SOCKET, unix.SO_SNDTIMEO, &timeout))
	begun := time.Now()
	taken, err := unix.Write(fd, message)
	took := time.Since(begun)
	x.Outcome(harness.Client, "send: %d bytes, %v", taken, err)
	assert.NoError(t, err)
	assert.Positive(t, taken)
	assert.Less(t, taken, len(message))
	x.AssertAtLeast(took, fillTime-harness.Tick())

	x.Step("the client goes on with the rest until the kernel takes no more")
	for n := taken; err == nil; taken += n {
		begun = time.Now()
		n, err = unix.Write(fd, message[taken:])
		took = time.Since(begun)
	}
	x.Outcome(harness.Client, "send: %v", err)
	assert.ErrorIs(t, err, unix.EAGAIN)
	x.AssertAtLeast(took, fillTime-harness.Tick())
	control.AssertStillWaiting()
}

// TestSocketTimeoutsDoNothingInGo: Go's connections ignore SO_RCVTIMEO, because Go makes its sockets non-blocking. On a
// blocking socket, the option ends a receive.
//
// Claim: T3.
// Verdict: does not hold: SO_RCVTIMEO does nothing on Go's own connections, which know only deadlines.
//
// Predict: SO_RCVTIMEO is 300 ms on the socket of a net.Conn, and the server is silent; when does Read return?
//   - [ ] after 300 ms, with EAGAIN
//   - [ ] after 300 ms, with os.ErrDeadlineExceeded
//   - [x] not at all
func TestSocketTimeoutsDoNothingInGo(t *testing.T) {
	x := harness.Start(t)
	defer blockSignals()()
	const patience = 300 * time.Millisecond
	timeout := unix.NsecToTimeval(patience.Nanoseconds())
	silent := peer.Silent(x)

	x.Step("a Go connection gets SO_RCVTIMEO = %v, and reads from a silent server", patience)
	client := peer.DialNoKeepalive(x, silent)
	raw, err := client.SyscallConn()
	require.NoError(t, err)
	var got *unix.Timeval
	require.NoError(t, raw.Control(func(fd uintptr) {
		flags, err := unix.FcntlInt(fd, unix.F_GETFL, 0)
		require.NoError(t, err)
		assert.Equal(t, unix.O_NONBLOCK, flags&unix.O_NONBLOCK, "the socket of a Go connection should be non-blocking")
		require.NoError(t, unix.SetsockoptTimeval(int(fd), unix.SOL_SOCKET, unix.SO_RCVTIMEO, &timeout))
		got, err = unix.GetsockoptTimeval(int(fd), unix.SOL_SOCKET, unix.SO_RCVTIMEO)
		require.NoError(t, err)
	}))
	require.GreaterOrEqual(t, got.Nano(), timeout.Nano(), "SO_RCVTIMEO should be read back as it was set, rounded up to ticks")
	read := x.Begin(harness.Client, "Read with SO_RCVTIMEO", func() error {
		_, err := client.Read(make([]byte, 1))
		return err
	})

	const times = 3
	x.Step("a blocking socket gets the same option, and receives %d times from the same server", times)
	fd, err := unix.Socket(harness.Domain(), unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	require.NoError(t, err)
	x.OwnFD(fd)
	require.NoError(t, unix.Connect(fd, x.Sockaddr(silent)))
	require.NoError(t, unix.SetsockoptTimeval(fd, unix.SOL_SOCKET, unix.SO_RCVTIMEO, &timeout))
	for range times {
		begun := time.Now()
		_, _, err = unix.Recvfrom(fd, make([]byte, 1), 0)
		took := time.Since(begun)
		x.Outcome(harness.Client, "recv: %v", err)
		require.ErrorIs(t, err, unix.EAGAIN)
		x.AssertAtLeast(took, patience-harness.Tick())
	}
	read.AssertStillWaiting()
}
