package lab03_keepalive

import (
	"io"
	"net"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"socketlabs/harness"
	"socketlabs/harness/kernel"
	"socketlabs/harness/link"
	"socketlabs/harness/peer"
)

// waitingServer waits for data from its clients, with no deadline. Each client costs the server a goroutine and a
// descriptor until the client's connection ends.
type waitingServer struct {
	*net.TCPListener
	goroutines atomic.Int32
}

func (s *waitingServer) waitForClient(conn *net.TCPConn) {
	s.goroutines.Add(1)
	go func() {
		defer s.goroutines.Add(-1)
		defer conn.Close()
		io.Copy(io.Discard, conn)
	}()
}

// TestKeepaliveFreesHalfOpenConnections: a server that waits with no deadline holds a goroutine and a descriptor for
// each client whose host has vanished. With keepalive, the server gets all goroutines and descriptors back.
//
// Claim: K2.
// Verdict: holds if the server waits for the clients with neither keepalive nor a deadline.
func TestKeepaliveFreesHalfOpenConnections(t *testing.T) {
	x := harness.Start(t, link.VanishingPeers, harness.ManyDescriptors, kernel.Proc)
	const clients = 200
	plain := &waitingServer{TCPListener: peer.ListenNoKeepalive(x)}
	probing := &waitingServer{TCPListener: peer.ListenNoKeepalive(x)}
	var connected []*net.TCPConn
	connect := func(server *waitingServer) *net.TCPConn {
		connected = append(connected, peer.DialNoKeepalive(x, server.Addr().String()))
		conn, err := server.AcceptTCP()
		require.NoError(t, err)
		server.waitForClient(conn)
		return conn
	}

	x.Step("%d clients connect to each of two servers; one server turns keepalive on", clients)
	var begun time.Time // when the last client connects to the server with keepalive
	for range clients {
		connect(plain)
		begun = time.Now()
		require.NoError(t, connect(probing).SetKeepAliveConfig(quickest))
	}
	for _, server := range []*waitingServer{plain, probing} {
		assert.Equal(t, clients, kernel.DescriptorsAt(x, server.Addr().String()))
	}

	x.Step("the hosts of all clients vanish")
	for _, client := range connected {
		link.Vanish(x, client)
	}
	require.Eventually(t, func() bool { return probing.goroutines.Load() == 0 }, time.Minute, time.Millisecond)
	took := time.Since(begun)
	x.AssertAtLeast(took, deathAfter(quickest)-harness.Tick())
	assert.Zero(t, kernel.DescriptorsAt(x, probing.Addr().String()), "descriptors of the server with keepalive")
	assert.Equal(t, clients, kernel.DescriptorsAt(x, plain.Addr().String()), "descriptors of the server without keepalive")
	assert.EqualValues(t, clients, plain.goroutines.Load(), "goroutines of the server without keepalive")
}
