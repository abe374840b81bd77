package harness_test

import (
	"io"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"socketlabs/harness"
)

func TestTCPInfoFollowsConnection(t *testing.T) {
	x := harness.Start(t, harness.VanishingPeers)
	client, server := x.PairNoKeepalive()
	before := x.TCPInfo(harness.Server, server)
	assert.Equal(t, harness.Established, before.State)

	_, err := client.Write([]byte("?"))
	require.NoError(t, err)
	_, err = io.ReadFull(server, make([]byte, 1))
	require.NoError(t, err)
	after := x.TCPInfo(harness.Server, server)
	assert.Equal(t, 1, after.DataSegmentsIn-before.DataSegmentsIn)
	assert.Equal(t, 1, after.SegmentsIn-before.SegmentsIn)

	x.AwaitTCPInfo(harness.Client, client, func(i harness.TCPInfo) bool { return i.Unacked == 0 })
	x.Vanish(server)
	_, err = client.Write([]byte("?"))
	require.NoError(t, err)
	again := x.AwaitTCPInfo(harness.Client, client, func(i harness.TCPInfo) bool { return i.Retransmits > 0 })
	assert.Equal(t, 1, again.Unacked)

	x.Return(server)
	x.AwaitTCPInfo(harness.Client, client, func(i harness.TCPInfo) bool { return i.Unacked == 0 })
	require.NoError(t, server.Close())
	x.AwaitTCPInfo(harness.Client, client, func(i harness.TCPInfo) bool { return i.State != harness.Established })
}
