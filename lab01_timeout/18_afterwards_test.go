package lab01_timeout

import (
	"bytes"
	"io"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"socketlabs/harness"
	"socketlabs/harness/peer"
)

// TestTimedOutReadLosesNothing: a Read that times out takes nothing from a TCP connection. What arrives later can be read
// whole, once the deadline is cleared or moved.
//
// Claim: Beyond the chapter.
//
// Source: TestTimeoutInMidMessage shows which readers on top of a connection can't go on.
//
// Predict: a Read times out, then the answer comes, and the client clears its deadline; what does the next Read get?
//   - [ ] nothing: what comes late is discarded
//   - [ ] the timeout once more; only a later Read gets the answer
//   - [x] the answer, whole
func TestTimedOutReadLosesNothing(t *testing.T) {
	x := harness.Start(t)
	const patience = 300 * time.Millisecond
	const late = "better late than never"
	client, server := peer.PairNoKeepalive(x)

	x.Step("the client waits %v, in vain", patience)
	begun := time.Now()
	require.NoError(t, client.SetReadDeadline(begun.Add(patience)))
	_, err := client.Read(make([]byte, 1))
	took := time.Since(begun)
	x.Outcome(harness.Client, "Read: %v", err)
	require.ErrorIs(t, err, os.ErrDeadlineExceeded)
	x.AssertAtLeast(took, patience)

	x.Step("now the server answers, and the client takes its deadline away")
	_, err = server.Write([]byte(late))
	require.NoError(t, err)
	require.NoError(t, client.SetReadDeadline(noDeadline))
	got := make([]byte, len(late))
	_, err = io.ReadFull(client, got)
	x.Outcome(harness.Client, "Read: %q, %v", got, err)

	assert.NoError(t, err)
	assert.Equal(t, late, string(got))
}

// TestExpiredDeadlineFailsEvenWithDataReady: once a Go read deadline has passed, every Read fails, even if data is ready.
// After the deadline is cleared, Read gets the data.
//
// Claim: T6.
// Verdict: does not hold: a Go deadline is an absolute time, and after that time even a call that need not wait fails.
//
// Predict: a byte arrives, and then the read deadline passes, before the program calls Read; what does Read return?
//   - [x] a timeout, and no byte
//   - [ ] the byte: Read need not wait
//   - [ ] the byte, and the timeout with it
func TestExpiredDeadlineFailsEvenWithDataReady(t *testing.T) {
	x := harness.Start(t)
	client, server := peer.PairNoKeepalive(x)
	buf := make([]byte, 1)

	x.Step("the server sends two bytes at once, and the client reads the first")
	_, err := server.Write([]byte("ab"))
	require.NoError(t, err)
	_, err = client.Read(buf)
	require.NoError(t, err)
	require.Equal(t, "a", string(buf))

	x.Step("with the second byte ready, the deadline expires")
	require.NoError(t, client.SetReadDeadline(inThePast))
	_, err = client.Read(buf)
	x.Outcome(harness.Client, "Read: %v", err)
	assert.ErrorIs(t, err, os.ErrDeadlineExceeded)

	x.Step("the client takes the deadline away")
	require.NoError(t, client.SetReadDeadline(noDeadline))
	_, err = client.Read(buf)
	x.Outcome(harness.Client, "Read: %q, %v", buf, err)
	assert.NoError(t, err)
	assert.Equal(t, "b", string(buf))
}

// TestReadDeadlineLeavesWritesAlone: on a Go TCP connection, writes succeed after the read deadline has passed.
//
// Claim: Beyond the chapter.
func TestReadDeadlineLeavesWritesAlone(t *testing.T) {
	x := harness.Start(t)
	client, server := peer.PairNoKeepalive(x)

	x.Step("the client's read deadline expires")
	require.NoError(t, client.SetReadDeadline(inThePast))
	_, err := client.Read(make([]byte, 1))
	require.ErrorIs(t, err, os.ErrDeadlineExceeded)

	x.Step("the client writes")
	_, err = client.Write([]byte("still here"))
	x.Outcome(harness.Client, "Write: %v", err)
	require.NoError(t, err)
	got := make([]byte, len("still here"))
	_, err = io.ReadFull(server, got)
	x.Outcome(harness.Server, "Read: %q, %v", got, err)
	assert.NoError(t, err)
}

// TestWriteDeadlineLeavesReadsAlone: on a Go TCP connection, reads succeed after the write deadline has passed.
//
// Claim: Beyond the chapter.
func TestWriteDeadlineLeavesReadsAlone(t *testing.T) {
	x := harness.Start(t)
	client, server := peer.PairNoKeepalive(x)

	x.Step("the client's write deadline expires")
	require.NoError(t, client.SetWriteDeadline(inThePast))
	_, err := client.Write([]byte("?"))
	require.ErrorIs(t, err, os.ErrDeadlineExceeded)

	x.Step("the server writes, and the client reads")
	_, err = server.Write([]byte("still here"))
	require.NoError(t, err)
	got := make([]byte, len("still here"))
	_, err = io.ReadFull(client, got)
	x.Outcome(harness.Client, "Read: %q, %v", got, err)
	assert.NoError(t, err)
}

// TestPastDeadlineFreesBlockedRead: a read deadline in the past, set by another goroutine, ends a waiting Read, and does not
// harm the connection. A server can stop its readers in this way.
//
// Claim: Beyond the chapter.
//
// Predict: a goroutine waits in Read, and another one sets a read deadline in the past; what does the first one get?
//   - [ ] nothing: Read checks the deadline only when it begins
//   - [x] a timeout, at once
//   - [ ] net.ErrClosed, at once
func TestPastDeadlineFreesBlockedRead(t *testing.T) {
	x := harness.Start(t)
	client, server := peer.PairNoKeepalive(x)

	x.Step("a goroutine of the server reads, with no deadline")
	read := x.Begin(harness.Server, "Read", func() error {
		_, err := server.Read(make([]byte, 1))
		return err
	})
	read.AssertStillWaiting()

	x.Step("another goroutine gives the connection a deadline in the past")
	require.NoError(t, server.SetReadDeadline(inThePast))
	assert.ErrorIs(t, read.Wait(), os.ErrDeadlineExceeded)

	x.Step("the server sends a last message on the same connection")
	_, err := server.Write([]byte("bye"))
	require.NoError(t, err)
	got := make([]byte, len("bye"))
	_, err = io.ReadFull(client, got)
	x.Outcome(harness.Client, "Read: %q, %v", got, err)
	assert.NoError(t, err)
}

// TestTimedOutWriteCanBeResumed: when a Write on a TCP connection times out, the kernel has taken the first n bytes,
// where n is what Write returned. A second Write that continues from there loses nothing and sends nothing twice.
//
// Claim: Beyond the chapter.
//
// Source: TestTimedOutWriteBreaksWriters shows that on a tls.Conn every later Write fails. TestCountIsWhatTheKernelTook
// shows that the peer may have received less than the count that Write has returned.
func TestTimedOutWriteCanBeResumed(t *testing.T) {
	x := harness.Start(t, harness.PartialWrites)
	message := make([]byte, moreThanBuffersHold)
	for i := range message {
		message[i] = byte(i>>8 ^ i) // so that a byte in the wrong place is noticed
	}
	reader := peer.Stalled(x)
	client := peer.DialNoKeepalive(x, reader.Address)

	x.Step("the client writes %d MiB, with a deadline %v from now, to a server that reads nothing", len(message)>>20, fillTime)
	require.NoError(t, client.SetWriteDeadline(time.Now().Add(fillTime)))
	taken, err := client.Write(message)
	x.Outcome(harness.Client, "Write: %d bytes, %v", taken, err)
	require.ErrorIs(t, err, os.ErrDeadlineExceeded)

	x.Step("the server reads again, and the client writes the rest")
	require.NoError(t, client.SetWriteDeadline(noDeadline))
	rest := x.Begin(harness.Client, "Write of the rest", func() error {
		if _, err := client.Write(message[taken:]); err != nil {
			return err
		}
		return client.CloseWrite()
	})
	got := reader.ReadAll()
	x.Outcome(harness.Server, "read %d bytes", len(got))

	assert.NoError(t, rest.Wait())
	assert.True(t, bytes.Equal(message, got), "the server should read the message that was sent")
}
