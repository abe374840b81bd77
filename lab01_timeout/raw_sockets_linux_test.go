package lab01_timeout

import (
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"socketlabs/harness"
	"socketlabs/harness/peer"
)

// TestReceiveTimeoutFreesReader: on a blocking socket SO_RCVTIMEO ends a receive, with EAGAIN.
//
// Claim: T3.
// Verdict: holds.
// Claim: T5.
// Verdict: holds if EAGAIN is known to mean it: on a non-blocking socket it says "nothing yet".
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
	control := x.Begin(harness.Client, "recv with no time-out", func() error {
		_, _, err := unix.Recvfrom(plain, make([]byte, 1), 0)
		return err
	})

	begun := x.Step("the client receives from a silent server, with SO_RCVTIMEO = %v", patience)
	timeout := unix.NsecToTimeval(patience.Nanoseconds())
	require.NoError(t, unix.SetsockoptTimeval(fd, unix.SOL_SOCKET, unix.SO_RCVTIMEO, &timeout))
	_, _, err := unix.Recvfrom(fd, make([]byte, 1), 0)
	x.Outcome(harness.Client, "recv: %v", err)

	assert.ErrorIs(t, err, unix.EAGAIN)
	x.AssertNeverEarlier(begun, patience-harness.Tick())
	control.AssertStillWaiting()
}

// TestReceiveTimeoutFreesListener: SO_RCVTIMEO ends an accept too, with EAGAIN.
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
	control := x.Begin(harness.Server, "accept with no time-out", func() error {
		_, _, err := unix.Accept(plain)
		return err
	})

	begun := x.Step("the server accepts, with SO_RCVTIMEO = %v, and nobody calls", patience)
	timeout := unix.NsecToTimeval(patience.Nanoseconds())
	require.NoError(t, unix.SetsockoptTimeval(fd, unix.SOL_SOCKET, unix.SO_RCVTIMEO, &timeout))
	_, _, err := unix.Accept(fd)
	x.Outcome(harness.Server, "accept: %v", err)

	assert.ErrorIs(t, err, unix.EAGAIN)
	x.AssertNeverEarlier(begun, patience-harness.Tick())
	control.AssertStillWaiting()
}

// TestSendTimeoutBoundsConnect: SO_SNDTIMEO ends the wait in connect, with EINPROGRESS; it does not
// end the connecting, so that asking again gives EALREADY.
//
// Claim: T2.
// Verdict: holds if the program closes the socket then: the handshake goes on behind its back.
// Claim: T5.
// Verdict: holds if EINPROGRESS is known to mean it: on a non-blocking socket it says that connecting
// has begun.
//
// Predict: SO_SNDTIMEO has ended the wait in connect; what does connect say when it is called again?
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
	control := x.Begin(harness.Client, "connect with no time-out", func() error {
		return unix.Connect(plain, x.Sockaddr(full))
	})

	begun := x.Step("the client connects to a full backlog, with SO_SNDTIMEO = %v", patience)
	timeout := unix.NsecToTimeval(patience.Nanoseconds())
	require.NoError(t, unix.SetsockoptTimeval(fd, unix.SOL_SOCKET, unix.SO_SNDTIMEO, &timeout))
	err := unix.Connect(fd, x.Sockaddr(full))
	x.Outcome(harness.Client, "connect: %v", err)
	assert.ErrorIs(t, err, unix.EINPROGRESS)
	x.AssertNeverEarlier(begun, patience-harness.Tick())
	control.AssertStillWaiting()

	x.Step("the client connects the same socket again")
	err = unix.Connect(fd, x.Sockaddr(full))
	x.Outcome(harness.Client, "connect: %v", err)
	assert.ErrorIs(t, err, unix.EALREADY)
}

// TestSendTimeoutFreesSender: SO_SNDTIMEO ends a send to a peer that stopped reading: first with the
// count of what the kernel took, and once it takes nothing more, with EAGAIN.
//
// Claim: T3.
// Verdict: holds.
// Claim: T5.
// Verdict: holds if a short count is read as the error that it is: the first call reports success.
//
// Predict: the kernel has taken a part of what a blocking send was given when SO_SNDTIMEO fires; what does send return?
//   - [ ] the error EAGAIN
//   - [x] the number of bytes that were taken, and no error
//   - [ ] the number of all bytes: the rest is sent later
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
	control := x.Begin(harness.Client, "send with no time-out", func() error {
		_, err := unix.Write(plain, message)
		return err
	})

	begun := x.Step("the client sends %d MiB to a server that reads nothing, with SO_SNDTIMEO = %v", len(message)>>20, fillTime)
	timeout := unix.NsecToTimeval(fillTime.Nanoseconds())
	require.NoError(t, unix.SetsockoptTimeval(fd, unix.SOL_SOCKET, unix.SO_SNDTIMEO, &timeout))
	taken, err := unix.Write(fd, message)
	x.Outcome(harness.Client, "send: %d bytes, %v", taken, err)
	assert.NoError(t, err)
	assert.Positive(t, taken)
	assert.Less(t, taken, len(message))
	x.AssertNeverEarlier(begun, fillTime-harness.Tick())

	x.Step("the client sends the rest, as long as the kernel finds room for some of it")
	var last time.Time
	for n := taken; err == nil; taken += n {
		last = time.Now()
		n, err = unix.Write(fd, message[taken:])
	}
	x.Outcome(harness.Client, "send: %v", err)
	assert.ErrorIs(t, err, unix.EAGAIN)
	x.AssertNeverEarlier(last, fillTime-harness.Tick())
	control.AssertStillWaiting()
}

// TestReceiveTimeoutIsForEachCall: SO_RCVTIMEO, set once, gives every later receive its full time,
// as Python's settimeout does.
//
// Claim: T6, T7.
// Verdict: holds.
func TestReceiveTimeoutIsForEachCall(t *testing.T) {
	x := harness.Start(t)
	defer blockSignals()()
	dripping := x.Sockaddr(peer.Dripping(x, drippedText, dripPause))
	fd, err := unix.Socket(harness.Domain(), unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	require.NoError(t, err)
	x.OwnFD(fd)

	begun := x.Step("SO_RCVTIMEO = %v, once; the server sends a byte every %v, %v in all", perCall, dripPause, inAll)
	timeout := unix.NsecToTimeval(perCall.Nanoseconds())
	require.NoError(t, unix.SetsockoptTimeval(fd, unix.SOL_SOCKET, unix.SO_RCVTIMEO, &timeout))
	require.NoError(t, unix.Connect(fd, dripping))
	var got []byte
	for buf := make([]byte, 1); ; {
		n, _, err := unix.Recvfrom(fd, buf, 0)
		require.NoError(t, err)
		if n == 0 {
			break
		}
		got = append(got, buf[:n]...)
	}
	x.Outcome(harness.Client, "received %q", got)

	assert.Equal(t, drippedText, string(got))
	x.AssertNeverEarlier(begun, inAll)
}

// TestSocketTimeoutsDoNothingInGo: a connection of Go's ignores SO_RCVTIMEO, because its socket is
// non-blocking and the waiting is done elsewhere.
//
// Claim: T3.
// Verdict: does not hold: for SO_RCVTIMEO on Go's own connections, which know deadlines only.
//
// Predict: SO_RCVTIMEO is 100 ms on the socket of a net.Conn, and the server is silent; when does Read return?
//   - [ ] after 100 ms, with EAGAIN
//   - [ ] after 100 ms, with os.ErrDeadlineExceeded
//   - [x] not at all
func TestSocketTimeoutsDoNothingInGo(t *testing.T) {
	x := harness.Start(t)
	const timeout, long = 100 * time.Millisecond, 1 * time.Second
	client, _ := peer.PairNoKeepalive(x)

	x.Step("the client's socket gets SO_RCVTIMEO = %v", timeout)
	raw, err := client.SyscallConn()
	require.NoError(t, err)
	var option error
	require.NoError(t, raw.Control(func(fd uintptr) {
		set := unix.NsecToTimeval(timeout.Nanoseconds())
		option = unix.SetsockoptTimeval(int(fd), unix.SOL_SOCKET, unix.SO_RCVTIMEO, &set)
	}))
	require.NoError(t, option)

	x.Step("the client reads from a silent server")
	read := x.Begin(harness.Client, "Read with SO_RCVTIMEO", func() error {
		_, err := client.Read(make([]byte, 1))
		return err
	})

	begun := x.Step("another reads with Go's own deadline, %v from now", long)
	guarded := peer.DialNoKeepalive(x, peer.Silent(x))
	require.NoError(t, guarded.SetReadDeadline(time.Now().Add(long)))
	_, err = guarded.Read(make([]byte, 1))
	x.Outcome(harness.Client, "Read with a deadline: %v", err)
	assert.ErrorIs(t, err, os.ErrDeadlineExceeded)
	x.AssertNeverEarlier(begun, long)
	read.AssertStillWaiting()
}
