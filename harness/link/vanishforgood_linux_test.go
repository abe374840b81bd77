package link_test

import (
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"socketlabs/harness"
	"socketlabs/harness/kernel"
	"socketlabs/harness/link"
	"socketlabs/harness/peer"
)

// The survivor hears neither the reset from the peer's close nor the resets with which the kernel answers later segments.
func TestSurvivorHearsNothingOfPeerThatVanishedForGood(t *testing.T) {
	x := harness.Start(t, link.VanishingPeers)
	const patience = 300 * time.Millisecond // more than the first retransmission takes
	peer, survivor := peer.PairNoKeepalive(x)
	require.NoError(t, link.VanishForGood(peer, survivor))

	_, err := survivor.Write([]byte("?"))
	require.NoError(t, err)
	require.NoError(t, survivor.SetReadDeadline(time.Now().Add(patience)))
	_, err = survivor.Read(make([]byte, 1))
	assert.ErrorIs(t, err, os.ErrDeadlineExceeded)
	assert.Equal(t, 1, kernel.Unacknowledged(x, survivor))
}
