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

// waitingServer is a server that waits for its clients' next words: a goroutine and a descriptor for
// each, until the connection ends.
type waitingServer struct {
	address    string
	goroutines atomic.Int32
}

func startWaitingServer(t *testing.T, x *harness.Experiment, config net.ListenConfig) *waitingServer {
	t.Helper()
	config.SetMultipathTCP(false) // see package harness
	listener, err := config.Listen(t.Context(), "tcp", harness.Loopback())
	require.NoError(t, err)
	x.Own(listener)
	server := &waitingServer{address: listener.Addr().String()}
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			x.Own(conn)
			server.goroutines.Add(1)
			go func() {
				defer server.goroutines.Add(-1)
				defer conn.Close()
				io.Copy(io.Discard, conn)
			}()
		}
	}()
	return server
}

// TestKeepaliveGivesHalfOpenConnectionsBack: clients that vanished hold a goroutine and a descriptor
// each, for as long as the server runs; one with keepalive has all of them back after a while.
//
// Claim: K2.
// Verdict: holds.
func TestKeepaliveGivesHalfOpenConnectionsBack(t *testing.T) {
	x := harness.Start(t, link.VanishingPeers, harness.ManyDescriptors)
	const clients = 200
	plain := startWaitingServer(t, x, net.ListenConfig{KeepAlive: -1})
	probing := startWaitingServer(t, x, net.ListenConfig{KeepAliveConfig: quickest})

	begun := x.Step("%d clients connect to each of two servers; one server has keepalive", clients)
	var connected []*net.TCPConn
	for range clients {
		connected = append(connected, peer.DialNoKeepalive(x, plain.address), peer.DialNoKeepalive(x, probing.address))
	}
	for _, server := range []*waitingServer{plain, probing} {
		require.Eventually(t, func() bool { return server.goroutines.Load() == clients }, time.Minute, time.Millisecond)
		assert.Equal(t, clients, kernel.DescriptorsAt(x, server.address))
	}

	x.Step("the hosts of all clients vanish")
	for _, client := range connected {
		link.Vanish(x, client)
	}
	require.Eventually(t, func() bool { return probing.goroutines.Load() == 0 }, time.Minute, time.Millisecond)
	x.AssertNeverEarlier(begun, deathAfter(quickest)-harness.Tick())
	assert.Zero(t, kernel.DescriptorsAt(x, probing.address), "with keepalive")
	assert.Equal(t, clients, kernel.DescriptorsAt(x, plain.address), "without keepalive")
	assert.EqualValues(t, clients, plain.goroutines.Load(), "without keepalive")
}
