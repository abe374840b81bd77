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
	"socketlabs/harness/kernel"
	"socketlabs/harness/peer"
)

// TestLateAnswerIsReset: when a client's read has timed out and the client has closed, the server's first write of the
// late answer succeeds. The client's kernel responds with a reset, and the server's next write fails with EPIPE. If the
// late answer comes before the close and is not read, the client's close sends a reset, and the server's next write
// fails with ECONNRESET. After a reset, neither end is in TIME_WAIT. If the server reads EOF and closes without an answer,
// the client's end is in TIME_WAIT.
//
// Claim: Beyond the chapter.
//
// Predict: a client's read times out, and the client closes; then the server writes its late answer, twice; what do the writes return?
//   - [ ] EPIPE, twice
//   - [ ] ECONNRESET, then EPIPE
//   - [x] no error, then EPIPE
//   - [ ] no error, twice
func TestLateAnswerIsReset(t *testing.T) {
	x := harness.Start(t, kernel.SocketTable)
	const patience = 100 * time.Millisecond
	askInVain := func() (client, server *net.TCPConn) {
		client, server = peer.PairNoKeepalive(x)
		_, err := io.WriteString(client, "?")
		require.NoError(t, err)
		_, err = io.ReadFull(server, make([]byte, 1))
		require.NoError(t, err)
		require.NoError(t, client.SetReadDeadline(time.Now().Add(patience)))
		_, err = client.Read(make([]byte, 1))
		x.Outcome(harness.Client, "Read: %v", err)
		require.ErrorIs(t, err, os.ErrDeadlineExceeded)
		return client, server
	}
	write := func(server *net.TCPConn) error {
		_, err := io.WriteString(server, "!")
		x.Outcome(harness.Server, "Write: %v", err)
		return err
	}
	await := func(server *net.TCPConn, state kernel.SocketState) {
		kernel.AwaitTCPInfo(x, harness.Server, server, func(i kernel.TCPInfo) bool { return i.State == state })
	}
	nothingIsLeft := func(client, server net.Conn) {
		kernel.AwaitConnection(x, client.LocalAddr().String(), server.LocalAddr().String())
		kernel.AwaitConnection(x, server.LocalAddr().String(), client.LocalAddr().String())
	}

	x.Step("a client waits %v for an answer, and closes; then the server answers", patience)
	client, server := askInVain()
	require.NoError(t, client.Close())
	await(server, kernel.CloseWait)
	assert.NoError(t, write(server))
	await(server, kernel.Closed)
	assert.ErrorIs(t, write(server), unix.EPIPE)
	_, err := server.Read(make([]byte, 1))
	x.Outcome(harness.Server, "Read: %v", err)
	assert.ErrorIs(t, err, io.EOF)
	nothingIsLeft(client, server)

	x.Step("another server answers after the client's read has timed out, but before the client closes")
	client, server = askInVain()
	assert.NoError(t, write(server))
	kernel.AwaitTCPInfo(x, harness.Server, server, func(i kernel.TCPInfo) bool { return i.Unacked == 0 })
	require.NoError(t, client.Close())
	await(server, kernel.Closed)
	assert.ErrorIs(t, write(server), unix.ECONNRESET)
	assert.ErrorIs(t, write(server), unix.EPIPE)
	nothingIsLeft(client, server)

	for inTimeWait := false; !inTimeWait; { // on a busy machine, a late segment may end TIME_WAIT: RFC 1337
		x.Step("a third client closes; its server reads EOF, and closes as well")
		client, server = askInVain()
		require.NoError(t, client.Close())
		_, err = server.Read(make([]byte, 1))
		x.Outcome(harness.Server, "Read: %v", err)
		require.ErrorIs(t, err, io.EOF)
		require.NoError(t, server.Close())
		inTimeWait = kernel.InTimeWait(x, client.LocalAddr().String(), server.LocalAddr().String())
	}
	kernel.AwaitConnection(x, server.LocalAddr().String(), client.LocalAddr().String())
}
