package lab02_reuseaddr

import (
	"io"
	"net"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"socketlabs/harness"
	"socketlabs/harness/peer"
)

// TestGoServerRestartsAtOnce: if a Go server closes its connections first, it can still listen on its port again at once.
//
// Claim: R6.
// Verdict: holds.
//
// Source: TestGoServerWithoutOptionMustWait shows that the server owes this to SO_REUSEADDR, which Go sets.
func TestGoServerRestartsAtOnce(t *testing.T) {
	x := harness.Start(t)
	const restarts = 3
	address := peer.ReservedAddress(x) // nobody else takes the port while no server listens on it
	for range 1 + restarts {
		listener, err := net.Listen("tcp", address)
		require.NoError(t, err)
		x.Own(listener)
		address = listener.Addr().String()
		x.Step("a server listens on %s", address)

		client := peer.DialNoKeepalive(x, address)
		server, err := listener.Accept()
		require.NoError(t, err)
		x.Own(server)
		x.Step("the server serves a client, closes the connection first, and is gone")
		_, err = io.WriteString(server, "bye")
		require.NoError(t, err)
		require.NoError(t, server.Close())
		got, err := io.ReadAll(client)
		assert.NoError(t, err)
		assert.Equal(t, "bye", string(got))
		require.NoError(t, client.Close())
		require.NoError(t, harness.CloseEverywhere(listener.Close))
	}
}
