package harness_test

import (
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"socketlabs/harness"
)

// The survivor hears neither the reset of the peer's end nor the answers of a host without it.
func TestSurvivorHearsNothingOfPeerThatVanishedForGood(t *testing.T) {
	x := harness.Start(t, harness.VanishingPeers)
	const patience = 300 * time.Millisecond // more than the first retransmission takes
	peer, survivor := x.PairNoKeepalive()
	require.NoError(t, harness.VanishForGood(peer, survivor))

	_, err := survivor.Write([]byte("?"))
	require.NoError(t, err)
	require.NoError(t, survivor.SetReadDeadline(time.Now().Add(patience)))
	_, err = survivor.Read(make([]byte, 1))
	assert.ErrorIs(t, err, os.ErrDeadlineExceeded)
	assert.Equal(t, 1, x.Unacknowledged(survivor))
}
