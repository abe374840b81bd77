package lab01_timeout

import (
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"socketlabs/harness"
	"socketlabs/harness/kernel"
	"socketlabs/harness/peer"
)

// TestWriteDeadlineFreesWriter: if the peer has stopped reading, a write returns at its deadline. The write's count says how
// many bytes the kernel has taken, although the peer's program has read none.
//
// Claim: T3.
// Verdict: holds.
//
// Predict: a server reads nothing, and a write of 32 MiB to it times out; what will the server get when it reads later?
//   - [ ] nothing: the write has failed
//   - [ ] all 32 MiB: the kernel goes on sending
//   - [x] exactly as many bytes as Write has counted
func TestWriteDeadlineFreesWriter(t *testing.T) {
	x := harness.Start(t, harness.PartialWrites)
	message := make([]byte, moreThanBuffersHold)
	plain := peer.DialNoKeepalive(x, peer.Stalled(x).Address)
	control := x.Begin(harness.Client, "Write with no deadline", func() error {
		_, err := plain.Write(message)
		return err
	})

	reader := peer.Stalled(x)
	client := peer.DialNoKeepalive(x, reader.Address)
	x.Step("the client writes %d MiB, with a deadline %v from now, to a server that reads nothing", len(message)>>20, fillTime)
	begun := time.Now()
	require.NoError(t, client.SetWriteDeadline(begun.Add(fillTime)))
	taken, err := client.Write(message)
	took := time.Since(begun)
	x.Outcome(harness.Client, "Write: %d bytes, %v", taken, err)

	assert.ErrorIs(t, err, os.ErrDeadlineExceeded)
	x.AssertAtLeast(took, fillTime)
	assert.Positive(t, taken, "the kernel should have taken a part of the message")
	assert.Less(t, taken, len(message), "the kernel should not have taken the whole message")
	control.AssertStillWaiting()

	x.Step("the client ends the stream, and the server reads what has arrived")
	require.NoError(t, client.CloseWrite())
	got := reader.ReadAll()
	x.Outcome(harness.Server, "read %d bytes", len(got))
	assert.Equal(t, taken, len(got), "the peer should get what the kernel took, although the write has failed")
}

// TestCountIsWhatTheKernelTook: if a peer reads nothing, and a write to it times out, some of the bytes that the write has
// counted have not even reached the peer's kernel: they wait in our own send buffer.
//
// Claim: Beyond the chapter.
//
// Predict: a peer reads nothing; a write to it has timed out, and has counted some megabytes; where are these bytes?
//   - [ ] with the peer's program
//   - [ ] all in the peer's kernel
//   - [x] some in the peer's kernel, some in ours
//   - [ ] all in our kernel
func TestCountIsWhatTheKernelTook(t *testing.T) {
	x := harness.Start(t, harness.Linux)
	message := make([]byte, moreThanBuffersHold)
	client := peer.DialNoKeepalive(x, peer.Stalled(x).Address)

	x.Step("the client writes %d MiB, with a deadline %v from now, to a server that reads nothing", len(message)>>20, fillTime)
	require.NoError(t, client.SetWriteDeadline(time.Now().Add(fillTime)))
	taken, err := client.Write(message)
	x.Outcome(harness.Client, "Write: %d bytes, %v", taken, err)
	require.ErrorIs(t, err, os.ErrDeadlineExceeded)

	waiting := kernel.Unacknowledged(x, client)
	x.Outcome(harness.Client, "of these, %d are not acknowledged by the server's kernel", waiting)
	assert.Positive(t, waiting, "some bytes should still wait in our kernel; perhaps the peer's window never closed")
	assert.Less(t, waiting, taken)
}
