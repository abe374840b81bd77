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
)

// waitingServer is a server that waits for what its clients send, with no deadline: a goroutine and a
// descriptor for each, until the connection ends.
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

// TestKeepaliveGivesHalfOpenConnectionsBack: each client whose host vanished holds a goroutine and a descriptor of a
// server that waits for it with no deadline; with keepalive, the server has all of them back after a while.
//
// Claim: K2.
// Verdict: holds if the server only waits for them, with neither keepalive nor a deadline.
func TestKeepaliveGivesHalfOpenConnectionsBack(t *testing.T) {
	x := harness.Start(t, harness.VanishingPeers, harness.ManyDescriptors)
	const clients = 200
	plain := startWaitingServer(t, x, net.ListenConfig{KeepAlive: -1})
	probing := startWaitingServer(t, x, net.ListenConfig{KeepAliveConfig: quickest})

	x.Step("%d clients connect to each of two servers; one server has keepalive", clients)
	var connected []*net.TCPConn
	var begun time.Time // when the last one connects to the server with keepalive
	for range clients {
		connected = append(connected, x.DialNoKeepalive(plain.address))
		begun = time.Now()
		connected = append(connected, x.DialNoKeepalive(probing.address))
	}
	for _, server := range []*waitingServer{plain, probing} {
		require.Eventually(t, func() bool { return server.goroutines.Load() == clients }, time.Minute, time.Millisecond)
		assert.Equal(t, clients, x.DescriptorsAt(server.address))
	}

	x.Step("the hosts of all clients vanish")
	for _, client := range connected {
		x.Vanish(client)
	}
	require.Eventually(t, func() bool { return probing.goroutines.Load() == 0 }, time.Minute, time.Millisecond)
	took := time.Since(begun)
	x.AssertAtLeast(took, deathAfter(quickest)-harness.Tick())
	assert.Zero(t, x.DescriptorsAt(probing.address), "with keepalive")
	assert.Equal(t, clients, x.DescriptorsAt(plain.address), "without keepalive")
	assert.EqualValues(t, clients, plain.goroutines.Load(), "without keepalive")
}
