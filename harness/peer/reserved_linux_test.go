package peer_test

import (
	"io"
	"net"
	"net/netip"
	"sync"
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
	assertSkipped(t, address)
}

// A test may need a port in both families, and another program may have it in one.
func TestReservedPortIsFreeInBothFamilies(t *testing.T) {
	x := harness.Start(t, harness.BothFamilies)
	var taken []string
	for _, host := range []string{"127.0.0.1", "::1"} {
		listener, err := net.Listen("tcp", netip.AddrPortFrom(netip.MustParseAddr(host), peer.ReservedPort()).String())
		require.NoError(t, err)
		x.Own(listener)
		taken = append(taken, listener.Addr().String())
	}
	assertSkipped(t, taken...)
}

// allPorts is locked while a test goes through all reserved ports: two tests would get half of them each.
var allPorts sync.Mutex

// assertSkipped fails if ReservedPort gives a port that is in use.
func assertSkipped(t *testing.T, addresses ...string) {
	t.Helper()
	allPorts.Lock()
	defer allPorts.Unlock()
	given := make(map[uint16]bool)
	for port := peer.ReservedPort(); !given[port]; port = peer.ReservedPort() {
		given[port] = true
	}
	for _, address := range addresses {
		assert.False(t, given[netip.MustParseAddrPort(address).Port()], "%s is in use", address)
	}
}
