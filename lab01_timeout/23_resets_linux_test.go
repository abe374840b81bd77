package lab01_timeout

import (
	"io"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"socketlabs/harness"
	"socketlabs/harness/kernel"
	"socketlabs/harness/peer"
)

// TestDataBeforeResetCanBeRead: data that arrived before a reset can still be read when the reset has come. Then one
// Read gets ECONNRESET, and those after it io.EOF, as if the peer had closed in order.
//
// Claim: Beyond the chapter.
//
// Predict: data has arrived, and then a reset, before the client reads; what do its reads get?
//   - [ ] ECONNRESET, always: the data is gone
//   - [ ] the data, then ECONNRESET, always
//   - [x] the data, then ECONNRESET once, then io.EOF
func TestDataBeforeResetCanBeRead(t *testing.T) {
	x := harness.Start(t)
	const last = "last words"
	client, server := peer.PairNoKeepalive(x)

	x.Step("the server sends data, and resets the connection; both have arrived before the client reads")
	_, err := io.WriteString(server, last)
	require.NoError(t, err)
	require.NoError(t, server.SetLinger(0))
	require.NoError(t, server.Close())
	kernel.AwaitTCPInfo(x, harness.Client, client, func(i kernel.TCPInfo) bool { return i.State == kernel.Closed })

	read := func() (string, error) {
		buf := make([]byte, 2*len(last))
		n, err := client.Read(buf)
		x.Outcome(harness.Client, "Read: %q, %v", buf[:n], err)
		return string(buf[:n]), err
	}
	got, err := read()
	assert.NoError(t, err)
	assert.Equal(t, last, got)
	_, err = read()
	assert.ErrorIs(t, err, unix.ECONNRESET)
	_, err = read()
	assert.ErrorIs(t, err, io.EOF)
}
