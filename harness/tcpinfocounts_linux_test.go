package harness_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"socketlabs/harness"
)

func TestTCPInfoCountsWhatIsSentAgain(t *testing.T) {
	x := harness.Start(t, harness.VanishingPeers)
	client, server := x.PairNoKeepalive()
	x.Vanish(server)
	before := x.TCPInfo(harness.Client, client)
	assert.Equal(t, [2]int{0, 0}, [2]int{before.Retransmits, before.Backoff})
	_, err := client.Write([]byte("?"))
	require.NoError(t, err)

	again := x.AwaitTCPInfo(harness.Client, client, func(i harness.TCPInfo) bool { return i.Retransmits > 1 })
	assert.Equal(t, again.Retransmits, again.Backoff, "the wait doubles each time")
	assert.Zero(t, again.Probes)

	x.Return(server)
	heard := x.AwaitTCPInfo(harness.Client, client, func(i harness.TCPInfo) bool { return i.Unacked == 0 })
	assert.Equal(t, [2]int{0, 0}, [2]int{heard.Retransmits, heard.Backoff})
}

func TestTCPInfoTellsWindowProbesFromRetransmissions(t *testing.T) {
	x := harness.Start(t, harness.VanishingPeers)
	stalled := x.StalledReader()
	client := x.DialNoKeepalive(stalled.Address)
	fillBuffers(t, x, client)
	// A probe that is answered counts for the wait until the next: Backoff stays, Probes begins anew.
	probing := x.AwaitTCPInfo(harness.Client, client, func(i harness.TCPInfo) bool { return i.Backoff > 1 })
	assert.Zero(t, probing.Retransmits)
	assert.Zero(t, probing.Unacked, "a probe has no data")
}
