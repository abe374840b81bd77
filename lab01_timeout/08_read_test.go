package lab01_timeout

import (
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"socketlabs/harness"
	"socketlabs/harness/peer"
)

// TestReadDeadlineFreesReader: a read from a silent peer returns when its deadline has passed, and not before. Its
// error means only that the deadline has passed.
//
// Claim: T3, T5.
// Verdict: holds.
func TestReadDeadlineFreesReader(t *testing.T) {
	x := harness.Start(t)
	const patience = 300 * time.Millisecond
	client, _ := peer.PairNoKeepalive(x)
	plain, _ := peer.PairNoKeepalive(x)
	control := x.Begin(harness.Client, "Read with no deadline", func() error {
		_, err := plain.Read(make([]byte, 1))
		return err
	})

	x.Step("the client waits %v for a server that sends nothing", patience)
	begun := time.Now()
	require.NoError(t, client.SetReadDeadline(begun.Add(patience)))
	n, err := client.Read(make([]byte, 1))
	took := time.Since(begun)
	x.Outcome(harness.Client, "Read: %d bytes, %v", n, err)

	assert.Zero(t, n)
	assert.ErrorIs(t, err, os.ErrDeadlineExceeded)
	x.AssertAtLeast(took, patience)
	control.AssertStillWaiting()
}
