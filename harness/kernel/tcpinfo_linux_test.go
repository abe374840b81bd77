package kernel_test

import (
	"io"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"socketlabs/harness"
	"socketlabs/harness/kernel"
	"socketlabs/harness/link"
	"socketlabs/harness/peer"
	"socketlabs/harness/skip"
)

func TestTCPInfoFollowsConnection(t *testing.T) {
	skip.UnlessChecking(t, "waits for a retransmission")
	x := harness.Start(t, link.VanishingPeers)
	client, server := peer.PairNoKeepalive(x)
	before := kernel.ReadTCPInfo(x, harness.Server, server)
	assert.Equal(t, kernel.Established, before.State)

	_, err := client.Write([]byte("?"))
	require.NoError(t, err)
	_, err = io.ReadFull(server, make([]byte, 1))
	require.NoError(t, err)
	after := kernel.ReadTCPInfo(x, harness.Server, server)
	assert.Equal(t, 1, after.DataSegmentsIn-before.DataSegmentsIn)
	assert.Equal(t, 1, after.SegmentsIn-before.SegmentsIn)

	kernel.AwaitTCPInfo(x, harness.Client, client, func(i kernel.TCPInfo) bool { return i.Unacked == 0 })
	link.Vanish(x, server)
	_, err = client.Write([]byte("?"))
	require.NoError(t, err)
	again := kernel.AwaitTCPInfo(x, harness.Client, client, func(i kernel.TCPInfo) bool { return i.Retransmits > 0 })
	assert.Equal(t, 1, again.Unacked)

	require.NoError(t, server.Close())
	kernel.AwaitTCPInfo(x, harness.Client, client, func(i kernel.TCPInfo) bool { return i.State != kernel.Established })
}
