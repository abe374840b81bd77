package lab02_reuseaddr

import (
	"io"
	"net"
	"os"
	"runtime"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"socketlabs/harness"
	"socketlabs/harness/kernel"
	"socketlabs/harness/link"
	"socketlabs/harness/peer"
)

// TestLingerZeroLeavesNoTimeWait: a close with SO_LINGER on and a linger time of zero sends a reset and leaves no
// TIME_WAIT: the port can be bound without SO_REUSEADDR.
//
// Claim: R2.
// Verdict: holds if the connection was closed gracefully; a reset leaves nothing behind.
func TestLingerZeroLeavesNoTimeWait(t *testing.T) {
	x := harness.Start(t, kernel.SocketTable)
	x.Step("one server closes first, gracefully")
	graceful := leaveTimeWait(t, x, peer.ListenNoKeepalive(x))
	err := unix.Bind(open(t, x), x.Sockaddr(graceful))
	x.Outcome(harness.Server, "bind: %v", err)
	assert.ErrorIs(t, err, unix.EADDRINUSE)

	x.Step("another server closes first, with SO_LINGER on and a linger time of zero")
	listener := peer.ListenReserved(x) // nobody else takes the port while no server listens on it
	address := listener.Addr().String()
	client, server := connect(t, x, listener)
	require.NoError(t, server.SetLinger(0))
	require.NoError(t, server.Close())
	require.NoError(t, listener.Close())
	_, err = client.Read(make([]byte, 1))
	x.Outcome(harness.Client, "Read: %v", err)
	assert.ErrorIs(t, err, syscall.ECONNRESET)
	kernel.AwaitConnection(x, client.LocalAddr().String(), address)
	kernel.AwaitSockets(x, address)
	err = unix.Bind(open(t, x), x.Sockaddr(address))
	x.Outcome(harness.Server, "bind: %v", err)
	assert.NoError(t, err)
}

// TestLingerZeroLosesData: a close with SO_LINGER on and a linger time of zero discards the data that the peer's kernel
// has not acknowledged: what is in flight, and what is not sent yet. After a graceful close, the kernel still delivers all
// data.
//
// Claim: Beyond the chapter.
//
// Predict: an answer is in flight when the server closes with SO_LINGER on and a linger time of zero; what does the client read?
//   - [ ] the answer, then io.EOF
//   - [ ] the answer, then ECONNRESET
//   - [x] ECONNRESET, and nothing of the answer
func TestLingerZeroLosesData(t *testing.T) {
	t.Parallel()
	for _, closing := range []struct {
		name   string
		reset  bool
		leaves []kernel.SocketState // the states of the sockets left in the server's kernel, which retransmit the answer
	}{
		{"gracefully", false, []kernel.SocketState{kernel.FinWait1}},
		{"with a reset", true, nil},
	} {
		t.Run(closing.name, func(t *testing.T) {
			x := harness.Start(t, link.VanishingPeers, kernel.SocketTable)
			const answer = 96 << 10 // bytes: more than the window of the client's kernel, which is 64 KiB
			client, server := peer.PairNoKeepalive(x)

			x.Step("the client's host is away for a moment; the server answers, and closes %s", closing.name)
			link.Vanish(x, client)
			_, err := server.Write(make([]byte, answer))
			require.NoError(t, err)
			unsent := unsentOn(t, server)
			x.Outcome(harness.Server, "%d bytes in flight, %d not sent yet", kernel.Unacknowledged(x, server)-unsent, unsent)
			require.Equal(t, answer, kernel.Unacknowledged(x, server))
			require.Greater(t, unsent, 0)
			require.Less(t, unsent, answer)
			if closing.reset {
				require.NoError(t, server.SetLinger(0))
			}
			require.NoError(t, server.Close())
			kernel.AwaitConnection(x, server.LocalAddr().String(), client.LocalAddr().String(), closing.leaves...)

			x.Step("the client's host is back")
			link.Return(x, client)
			if closing.reset {
				// The reset was lost, too: the client's host was away. The client sends data, and gets another reset.
				_, err = io.WriteString(client, "?")
				require.NoError(t, err)
			}
			got, err := io.ReadAll(client)
			x.Outcome(harness.Client, "read %d bytes, %v", len(got), err)
			if closing.reset {
				assert.ErrorIs(t, err, syscall.ECONNRESET)
				assert.Empty(t, got)
			} else {
				assert.NoError(t, err)
				assert.Len(t, got, answer)
			}
		})
	}
}

// unsentOn is how many of the unacknowledged bytes on a connection have not been sent: SIOCOUTQNSD in sockios.h.
func unsentOn(t *testing.T, conn *net.TCPConn) (bytes int) {
	t.Helper()
	raw, err := conn.SyscallConn()
	require.NoError(t, err)
	var failed error
	require.NoError(t, raw.Control(func(fd uintptr) { bytes, failed = unix.IoctlGetInt(int(fd), unix.SIOCOUTQNSD) }))
	require.NoError(t, failed)
	return bytes
}

// TestLingerBlocksClose: with SO_LINGER on and a linger time above zero, Close waits until the peer's kernel has
// acknowledged everything, but no longer than the linger time. It does so on Go's non-blocking sockets, too. When the
// linger time has passed, Close returns no error, although nothing has arrived.
//
// Claim: Beyond the chapter.
//
// Source: TestSignalEndsLingeringClose shows that a signal ends the wait early.
//
// Predict: the client's host has vanished; the server writes, sets SO_LINGER to 1 s, and closes; what does Close do?
//   - [ ] it returns at once: Go's sockets are non-blocking
//   - [ ] it returns an error after 1 s
//   - [x] it returns nil after 1 s
//   - [ ] it returns nil at once, and the kernel resets the connection after 1 s
func TestLingerBlocksClose(t *testing.T) {
	x := harness.StartAlone(t, link.VanishingPeers, kernel.SocketTable) // a child would have the socket, too, and only the last close waits
	defer blockSignals()()
	const (
		seconds = 1
		answer  = "all that you wanted to know"
	)
	pairWithAnswer := func(vanishes bool) (client, server *net.TCPConn) {
		client, server = peer.PairNoKeepalive(x)
		if vanishes {
			link.Vanish(x, client)
		}
		_, err := io.WriteString(server, answer)
		require.NoError(t, err)
		return client, server
	}

	x.Step("the client is there; the server closes, with SO_LINGER at a minute")
	client, server := pairWithAnswer(false)
	require.NoError(t, server.SetLinger(60))
	require.Equal(t, unix.Linger{Onoff: 1, Linger: 60}, lingerOf(t, server))
	require.NoError(t, server.Close()) // waits for the acknowledgment
	kernel.AwaitSockets(x, server.LocalAddr().String(), kernel.FinWait2)
	got, err := io.ReadAll(client)
	x.Outcome(harness.Client, "read %q, %v", got, err)
	require.Equal(t, answer, string(got))

	x.Step("the client's host has vanished; a server closes without SO_LINGER, and another with SO_LINGER at %d s", seconds)
	_, plain := pairWithAnswer(true)
	require.NoError(t, plain.Close()) // does not wait
	kernel.AwaitSockets(x, plain.LocalAddr().String(), kernel.FinWait1)
	client, server = pairWithAnswer(true)
	require.NoError(t, server.SetLinger(seconds))
	begun := time.Now()
	err = server.Close()
	took := time.Since(begun)
	x.Outcome(harness.Server, "Close: %v", err)
	assert.NoError(t, err)
	x.AssertAtLeast(took, seconds*time.Second-harness.Tick())
	kernel.AwaitSockets(x, server.LocalAddr().String(), kernel.FinWait1) // the kernel goes on trying

	x.Step("the client's host is back, and so the answer arrives after all")
	link.Return(x, client)
	got, err = io.ReadAll(client)
	x.Outcome(harness.Client, "read %q, %v", got, err)
	assert.NoError(t, err)
	assert.Equal(t, answer, string(got))
}

// blockSignals blocks all signals in the calling thread until restore is called. Go's runtime sends its threads
// SIGURG, and a signal ends the wait of a close that lingers: sk_stream_wait_close() in net/core/stream.c.
func blockSignals() (restore func()) {
	var all, before unix.Sigset_t
	for i := range all.Val {
		all.Val[i] = ^all.Val[i]
	}
	runtime.LockOSThread()
	unix.PthreadSigmask(unix.SIG_BLOCK, &all, &before)
	return func() {
		unix.PthreadSigmask(unix.SIG_SETMASK, &before, nil)
		runtime.UnlockOSThread()
	}
}

// lingerOf reads SO_LINGER of a connection back.
func lingerOf(t *testing.T, conn *net.TCPConn) (linger unix.Linger) {
	raw, err := conn.SyscallConn()
	require.NoError(t, err)
	require.NoError(t, raw.Control(func(fd uintptr) {
		got, err := unix.GetsockoptLinger(int(fd), unix.SOL_SOCKET, unix.SO_LINGER)
		require.NoError(t, err)
		linger = *got
	}))
	return linger
}

// TestSignalEndsLingeringClose: a signal ends the wait of a Close that lingers, and Close returns no error.
//
// Claim: Beyond the chapter.
//
// Source: preemptM() in Go's runtime: the runtime may send its threads SIGURG at any time.
func TestSignalEndsLingeringClose(t *testing.T) {
	x := harness.StartAlone(t, link.VanishingPeers, kernel.SocketTable) // a child would have the socket, too, and only the last close waits
	client, server := peer.PairNoKeepalive(x)
	link.Vanish(x, client)
	_, err := io.WriteString(server, "all that you wanted to know")
	require.NoError(t, err)

	x.Step("the client's host has vanished; the server closes with SO_LINGER at an hour, and its thread gets a signal")
	require.NoError(t, server.SetLinger(3600))
	require.Equal(t, unix.Linger{Onoff: 1, Linger: 3600}, lingerOf(t, server))
	thread := make(chan int, 1)
	closes := x.Begin(harness.Server, "Close", func() error {
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		thread <- unix.Gettid()
		return server.Close()
	})
	kernel.AwaitSockets(x, server.LocalAddr().String(), kernel.FinWait1)
	id := <-thread
	for !closes.ReturnsWithin(time.Millisecond) {
		require.NoError(t, unix.Tgkill(os.Getpid(), id, unix.SIGURG)) // Go ignores this signal
	}
	assert.NoError(t, closes.Wait())
	kernel.AwaitSockets(x, server.LocalAddr().String(), kernel.FinWait1)
}
