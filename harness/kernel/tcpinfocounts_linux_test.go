package kernel_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"socketlabs/harness"
	"socketlabs/harness/kernel"
	"socketlabs/harness/link"
	"socketlabs/harness/peer"
	"socketlabs/harness/skip"
)

func TestTCPInfoCountsWhatIsSentAgain(t *testing.T) {
	skip.UnlessChecking(t, "waits for three retransmissions")
	x := harness.Start(t, link.VanishingPeers)
	client, server := peer.PairNoKeepalive(x)
	link.Vanish(x, server)
	before := kernel.ReadTCPInfo(x, harness.Client, client)
	assert.Equal(t, [2]int{0, 0}, [2]int{before.Retransmits, before.Backoff})
	_, err := client.Write([]byte("?"))
	require.NoError(t, err)

	again := kernel.AwaitTCPInfo(x, harness.Client, client, func(i kernel.TCPInfo) bool { return i.Retransmits > 1 })
	assert.Equal(t, again.Retransmits, again.Backoff, "the wait should double each time")
	assert.Zero(t, again.Probes)

	link.Return(x, server)
	heard := kernel.AwaitTCPInfo(x, harness.Client, client, func(i kernel.TCPInfo) bool { return i.Unacked == 0 })
	assert.Equal(t, [2]int{0, 0}, [2]int{heard.Retransmits, heard.Backoff})
}

func TestTCPInfoTellsWindowProbesFromRetransmissions(t *testing.T) {
	skip.UnlessChecking(t, "waits for two window probes")
	x := harness.Start(t, link.VanishingPeers)
	stalled := peer.Stalled(x)
	client := peer.DialNoKeepalive(x, stalled.Address)
	fillBuffers(t, x, client)
	// When a probe is answered, Probes becomes zero, but Backoff stays: the next wait is still longer.
	probing := kernel.AwaitTCPInfo(x, harness.Client, client, func(i kernel.TCPInfo) bool { return i.Backoff > 1 })
	assert.Zero(t, probing.Retransmits)
	assert.Zero(t, probing.Unacked, "a probe should have no data")
}
