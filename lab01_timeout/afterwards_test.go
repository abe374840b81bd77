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

// The zero time takes a deadline away; any moment in the past is a deadline that has expired.
var (
	noDeadline time.Time
	inThePast  = time.Unix(1, 0)
)

// TestTimedOutReadLosesNothing: what arrives after a read has timed out is read whole by the next.
//
// Claim: Beyond the chapter.
//
// Predict: a read times out, then the answer comes; what does the next read get, with the deadline taken away?
//   - [ ] nothing: what comes late is thrown away
//   - [ ] the time-out once more, then the answer
//   - [x] the answer, whole
func TestTimedOutReadLosesNothing(t *testing.T) {
	x := harness.Start(t)
	const patience = 300 * time.Millisecond
	const late = "better late than never"
	client, server := peer.PairNoKeepalive(x)

	begun := x.Step("the client waits %v, in vain", patience)
	require.NoError(t, client.SetReadDeadline(time.Now().Add(patience)))
	_, err := client.Read(make([]byte, 1))
	x.Outcome(harness.Client, "Read: %v", err)
	require.ErrorIs(t, err, os.ErrDeadlineExceeded)
	x.AssertNeverEarlier(begun, patience)

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

// TestExpiredDeadlineFailsEvenWithDataReady: once a deadline has passed, every call fails, also one
// that would not have to wait; moving the deadline revives the connection.
//
// Claim: T6.
// Verdict: does not hold: in Go, where an expired deadline fails calls that need not wait.
//
// Predict: a byte is there to be read when the deadline passes; what does Read return?
//   - [x] a time-out, and no byte
//   - [ ] the byte: it need not wait
//   - [ ] the byte, and the time-out with it
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

// TestReadDeadlineLeavesWritesAlone: an expired read deadline does not touch writes.
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

// TestWriteDeadlineLeavesReadsAlone: an expired write deadline does not touch reads.
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

// TestPastDeadlineFreesBlockedRead: a deadline in the past, set by another goroutine, frees a read
// that waits. This is how a server tells its readers to stop.
//
// Claim: Beyond the chapter.
//
// Predict: a goroutine waits in Read, and another sets a deadline in the past; what does the first one get?
//   - [ ] nothing: a deadline is looked at when a call begins
//   - [x] a time-out, at once
//   - [ ] net.ErrClosed, at once
func TestPastDeadlineFreesBlockedRead(t *testing.T) {
	x := harness.Start(t)
	client, server := peer.PairNoKeepalive(x)

	x.Step("a goroutine of the server's reads, with no deadline")
	read := x.Begin(harness.Server, "Read", func() error {
		_, err := server.Read(make([]byte, 1))
		return err
	})
	read.AssertStillWaiting()

	x.Step("another gives the connection a deadline in the past")
	require.NoError(t, server.SetReadDeadline(inThePast))
	assert.ErrorIs(t, read.Wait(), os.ErrDeadlineExceeded)

	x.Step("the connection is whole: the server says goodbye on it")
	_, err := server.Write([]byte("bye"))
	require.NoError(t, err)
	got := make([]byte, len("bye"))
	_, err = io.ReadFull(client, got)
	x.Outcome(harness.Client, "Read: %q, %v", got, err)
	assert.NoError(t, err)
}

// TestTimedOutWriteCanBeResumed: a write that timed out has cut the stream at the count that it
// returned; a write that goes on from there loses nothing and sends nothing twice.
//
// Claim: Beyond the chapter.
func TestTimedOutWriteCanBeResumed(t *testing.T) {
	x := harness.Start(t, harness.PartialWrites)
	message := make([]byte, moreThanBuffersHold)
	for i := range message {
		message[i] = byte(i>>8 ^ i) // a byte in the wrong place shows
	}
	reader := peer.Stalled(x)
	client := peer.DialNoKeepalive(x, reader.Address)

	x.Step("the client writes %d MiB, in %v, to a server that reads nothing", len(message)>>20, fillTime)
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
	assert.True(t, bytes.Equal(message, got), "the server has read another message than was sent")
}
