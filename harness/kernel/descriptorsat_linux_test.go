package kernel_test

import (
	"net"
	"net/netip"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"socketlabs/harness"
	"socketlabs/harness/kernel"
	"socketlabs/harness/peer"
)

func TestDescriptorsAtAddressAreItsConnections(t *testing.T) {
	x := harness.Start(t, kernel.Proc)
	listener := peer.ListenNoKeepalive(x)
	address := listener.Addr().String()
	assert.Zero(t, kernel.DescriptorsAt(x, address), "the listener should not count: it is not a connection")

	datagrams, err := net.ListenUDP("udp", net.UDPAddrFromAddrPort(netip.MustParseAddrPort(address)))
	require.NoError(t, err)
	x.Own(datagrams)
	assert.Zero(t, kernel.DescriptorsAt(x, address), "the UDP socket should not count: its ports are not TCP's")

	peer.DialNoKeepalive(x, address)
	peer.DialNoKeepalive(x, address)
	accepted, err := listener.AcceptTCP()
	require.NoError(t, err)
	x.Own(accepted)
	assert.Equal(t, 1, kernel.DescriptorsAt(x, address), "the other connection should not count: it is not accepted yet")

	require.NoError(t, accepted.Close())
	assert.Zero(t, kernel.DescriptorsAt(x, address))
}
