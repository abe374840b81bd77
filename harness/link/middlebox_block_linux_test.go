package link

import (
	"io"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"socketlabs/harness"
	"socketlabs/harness/peer"
	"socketlabs/harness/wire"
)

// TestChildBoxIsTooLateToForget: a segment has passed before the middlebox separates the ends. So the middlebox still
// knows the connection, and the ends hear each other.
func TestChildBoxIsTooLateToForget(t *testing.T) {
	x := harness.Start(t, VanishingPeers, wire.Capture)
	client, server := peer.PairNoKeepalive(x)
	m := &Middlebox{x: x, client: client, server: server}
	const handshake = 3 // segments
	for range 2 {
		_, err := server.Write([]byte("!"))
		require.NoError(t, err)
		_, err = io.ReadFull(client, make([]byte, 1))
		require.NoError(t, err)
		passed, came, err := m.block(handshake)
		require.NoError(t, err)
		require.True(t, came, "the middlebox should see the segment that has passed")
		assert.Equal(t, 1, passed.Length)
	}
}
