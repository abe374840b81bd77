package peer_test

import (
	"io"
	"net/netip"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"socketlabs/harness"
	"socketlabs/harness/kernel"
	"socketlabs/harness/peer"
)

// Another program may have left TIME_WAIT on a port of the machine's own loopback.
func TestReservedPortHasNoTimeWait(t *testing.T) {
	x := harness.Start(t, kernel.SocketTable)
	var address string
	for standing := false; !standing; {
		listener := peer.ListenReserved(x)
		address = listener.Addr().String()
		client := peer.DialNoKeepalive(x, address)
		server, err := listener.AcceptTCP()
		require.NoError(t, err)
		require.NoError(t, server.Close())
		_, err = client.Read(make([]byte, 1))
		require.ErrorIs(t, err, io.EOF)
		require.NoError(t, client.Close())
		standing = kernel.InTimeWait(x, address, client.LocalAddr().String())
		require.NoError(t, listener.Close())
	}
	port := netip.MustParseAddrPort(address).Port()
	for before := peer.ReservedPort(); before != port-1 && port != 10000; before = peer.ReservedPort() {
	}
	assert.NotEqual(t, address, peer.ListenReserved(x).Addr().String())
}
