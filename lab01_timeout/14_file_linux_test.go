package lab01_timeout

import (
	"io"
	"net"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"socketlabs/harness"
	"socketlabs/harness/peer"
)

// TestDescriptorOfFileEndsDeadlines: File().Fd() on a Go connection makes its socket blocking. The file and the connection
// have the same socket, so the connection's deadlines do nothing from then on. SyscallConn also gives access to the descriptor,
// but leaves the socket non-blocking.
//
// Claim: T3.
// Verdict: holds if the socket of a Go connection is non-blocking. After File().Fd(), the socket is blocking, and a
// deadline does nothing.
//
// Predict: a program calls File().Fd() on a TCP connection, to set an option; what do the connection's read deadlines do afterwards?
//   - [ ] what they did before: the file has a descriptor of its own
//   - [ ] Read fails at once: the connection has lost its descriptor
//   - [x] nothing: Read goes on waiting after they have passed
func TestDescriptorOfFileEndsDeadlines(t *testing.T) {
	x := harness.Start(t)
	const patience = 300 * time.Millisecond
	broken, brokenPeer := peer.PairNoKeepalive(x)
	healthy, _ := peer.PairNoKeepalive(x)
	flags := func(fd uintptr) int {
		got, err := unix.FcntlInt(fd, unix.F_GETFL, 0)
		require.NoError(t, err)
		return got & unix.O_NONBLOCK
	}

	x.Step("one connection's descriptor is taken by File().Fd(), another's by SyscallConn")
	file, err := broken.File()
	require.NoError(t, err)
	x.Own(file)
	blocking := flags(file.Fd())
	raw, err := healthy.SyscallConn()
	require.NoError(t, err)
	var nonBlocking int
	require.NoError(t, raw.Control(func(fd uintptr) { nonBlocking = flags(fd) }))
	x.Outcome(harness.Client, "O_NONBLOCK: %#o after File().Fd(), %#o with SyscallConn", blocking, nonBlocking)
	assert.Zero(t, blocking)
	assert.Equal(t, unix.O_NONBLOCK, nonBlocking)

	x.Step("both read from silent servers, and get a deadline %v from now", patience)
	read := func(name string, conn *net.TCPConn) *harness.Call {
		return x.Begin(harness.Client, name, func() error {
			_, err := conn.Read(make([]byte, 1))
			return err
		})
	}
	ofBroken, ofHealthy := read("Read after File().Fd()", broken), read("Read after SyscallConn", healthy)
	begun := time.Now()
	for _, conn := range []*net.TCPConn{broken, healthy} {
		require.NoError(t, conn.SetReadDeadline(begun.Add(patience)))
	}
	assert.ErrorIs(t, ofHealthy.Wait(), os.ErrDeadlineExceeded)
	x.AssertAtLeast(ofHealthy.Since(begun), patience)
	ofBroken.AssertStillWaiting()

	x.Step("the server closes the connection whose Read still waits")
	require.NoError(t, brokenPeer.Close())
	assert.ErrorIs(t, ofBroken.Wait(), io.EOF)
}
