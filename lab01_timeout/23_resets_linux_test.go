package lab01_timeout

import (
	"io"
	"net"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"socketlabs/harness"
	"socketlabs/harness/kernel"
	"socketlabs/harness/peer"
)

// TestDataBeforeResetCanBeRead: data that arrived before a reset can still be read after the reset. Then one Read gets
// ECONNRESET, and each later Read gets io.EOF. If the peer closes gracefully, io.EOF follows the data.
//
// Claim: Beyond the chapter.
//
// Predict: data arrives, and then a reset, and the client has read nothing yet; what do its next reads get?
//   - [ ] ECONNRESET, always: the data is gone
//   - [ ] the data, then ECONNRESET, always
//   - [x] the data, then ECONNRESET once, then io.EOF
func TestDataBeforeResetCanBeRead(t *testing.T) {
	x := harness.Start(t)
	const last = "last words"
	client, server := peer.PairNoKeepalive(x)
	graceful, closing := peer.PairNoKeepalive(x)
	arrived := func(at *net.TCPConn, state kernel.SocketState) {
		kernel.AwaitTCPInfo(x, harness.Client, at, func(i kernel.TCPInfo) bool { return i.State == state })
	}
	read := func(from *net.TCPConn) (string, error) {
		buf := make([]byte, 2*len(last))
		n, err := from.Read(buf)
		x.Outcome(harness.Client, "Read: %q, %v", buf[:n], err)
		return string(buf[:n]), err
	}

	x.Step("a server sends data, and resets the connection; data and reset arrive before the client reads")
	_, err := io.WriteString(server, last)
	require.NoError(t, err)
	require.NoError(t, server.SetLinger(0))
	require.NoError(t, server.Close())
	arrived(client, kernel.Closed)
	got, err := read(client)
	assert.NoError(t, err)
	assert.Equal(t, last, got)
	_, err = read(client)
	assert.ErrorIs(t, err, unix.ECONNRESET)
	_, err = read(client)
	assert.ErrorIs(t, err, io.EOF)

	x.Step("another server sends data, and closes gracefully")
	_, err = io.WriteString(closing, last)
	require.NoError(t, err)
	require.NoError(t, closing.Close())
	arrived(graceful, kernel.CloseWait)
	got, err = read(graceful)
	assert.NoError(t, err)
	assert.Equal(t, last, got)
	_, err = read(graceful)
	assert.ErrorIs(t, err, io.EOF)
}
