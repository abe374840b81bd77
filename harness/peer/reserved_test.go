package peer_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"socketlabs/harness"
	"socketlabs/harness/peer"
)

func TestReservedPortsAreGivenOnce(t *testing.T) {
	given := make(map[uint16]bool)
	for range 20000 {
		port := peer.ReservedPort()
		assert.False(t, given[port], "port %d was given before", port)
		given[port] = true
		assert.Less(t, port, uint16(32768), "the port should be below ip_local_port_range")
		assert.GreaterOrEqual(t, port, uint16(10000))
	}
}

func TestReservedPortsCanBeListenedOn(t *testing.T) {
	x := harness.Start(t)
	first, second := peer.ListenReserved(x), peer.ListenReserved(x)
	assert.NotEqual(t, first.Addr(), second.Addr())
	peer.DialNoKeepalive(x, first.Addr().String())
	peer.DialNoKeepalive(x, second.Addr().String())
}
