package lab01_timeout

import (
	"bufio"
	"io"
	"net"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"socketlabs/harness"
	"socketlabs/harness/peer"
)

// TestTimedOutScannerTearsLine: a bufio.Scanner whose Read times out returns half a line as if it were a whole one, and
// scans no further. A bufio.Reader returns the half line with the error, and can go on.
//
// Claim: Beyond the chapter.
//
// Predict: half a line has come when a bufio.Scanner's read times out; what does Scan return?
//   - [ ] false: there is no whole line
//   - [x] true, and the half as a line
//   - [ ] Scan does not return: it waits for the other half
func TestTimedOutScannerTearsLine(t *testing.T) {
	x := harness.Start(t)
	const patience = 300 * time.Millisecond
	const part = "transfer 1"
	scanned, scannedPeer := peer.PairNoKeepalive(x)
	read, readPeer := peer.PairNoKeepalive(x)
	scanner := bufio.NewScanner(&afterPart{scanned, len(part), func() error { return scanned.SetReadDeadline(time.Now().Add(patience)) }})
	reader := bufio.NewReader(&afterPart{read, len(part), func() error { return read.SetReadDeadline(time.Now().Add(patience)) }})

	x.Step("two servers send half a line; each client waits %v for the rest", patience)
	send(t, part, scannedPeer, readPeer)
	assert.True(t, scanner.Scan())
	x.Outcome(harness.Client, "Scan: %q", scanner.Text())
	assert.Equal(t, part, scanner.Text(), "Scan should return half of the line")
	half, err := reader.ReadString('\n')
	x.Outcome(harness.Client, "ReadString: %q, %v", half, err)
	assert.ErrorIs(t, err, os.ErrDeadlineExceeded)

	x.Step("the other half comes, and the clients take their deadlines away")
	send(t, "000\n", scannedPeer, readPeer)
	require.NoError(t, scanned.SetReadDeadline(noDeadline))
	require.NoError(t, read.SetReadDeadline(noDeadline))
	assert.False(t, scanner.Scan())
	x.Outcome(harness.Client, "Scan: nothing more, %v", scanner.Err())
	assert.ErrorIs(t, scanner.Err(), os.ErrDeadlineExceeded)
	_, err = io.ReadFull(scanned, make([]byte, len("000\n")))
	assert.NoError(t, err, "the other half should be left on the connection")
	rest, err := reader.ReadString('\n')
	x.Outcome(harness.Client, "ReadString: %q, %v", rest, err)
	assert.NoError(t, err)
	assert.Equal(t, "transfer 1000\n", half+rest)
}

// TestTimedOutBufferedWriterStaysBroken: a bufio.Writer whose Flush has timed out fails for good, even after the deadline is
// cleared. The connection below the bufio.Writer still works.
//
// Claim: Beyond the chapter.
func TestTimedOutBufferedWriterStaysBroken(t *testing.T) {
	x := harness.Start(t)
	client, server := peer.PairNoKeepalive(x)
	writer := bufio.NewWriter(client)

	x.Step("the client flushes what it has buffered, after its write deadline has passed")
	require.NoError(t, client.SetWriteDeadline(inThePast))
	_, err := writer.WriteString("lost")
	require.NoError(t, err)
	assert.ErrorIs(t, writer.Flush(), os.ErrDeadlineExceeded)

	x.Step("the client takes the deadline away, and flushes again")
	require.NoError(t, client.SetWriteDeadline(noDeadline))
	err = writer.Flush()
	x.Outcome(harness.Client, "Flush: %v", err)
	assert.ErrorIs(t, err, os.ErrDeadlineExceeded)

	x.Step("the client writes on the connection itself")
	_, err = client.Write([]byte("sent"))
	x.Outcome(harness.Client, "Write: %v", err)
	require.NoError(t, err)
	got := make([]byte, len("sent"))
	_, err = io.ReadFull(server, got)
	x.Outcome(harness.Server, "Read: %q, %v", got, err)
	assert.Equal(t, "sent", string(got))
}

func send(t *testing.T, text string, conns ...*net.TCPConn) {
	for _, conn := range conns {
		_, err := io.WriteString(conn, text)
		require.NoError(t, err)
	}
}
