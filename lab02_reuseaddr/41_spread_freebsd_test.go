package lab02_reuseaddr

import (
	"net"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"socketlabs/harness"
	"socketlabs/harness/peer"
)

// TestReusePortLBSpreadsConnections: on FreeBSD, several sockets can listen on one port if all of them have
// SO_REUSEPORT_LB, and each gets a part of the connections.
//
// Source: setsockopt(2) of FreeBSD: connections are distributed by a hash of the port and of the peer's address and
// port. TestReusePortSpreadsConnections shows that on Linux SO_REUSEPORT does the same.
func TestReusePortLBSpreadsConnections(t *testing.T) {
	x := harness.Start(t)
	const (
		listeners   = 2
		connections = 100 // enough: a listener gets none in about one of 10³⁰ runs
	)
	sharing := net.ListenConfig{Control: func(_, _ string, conn syscall.RawConn) (err error) {
		conn.Control(func(fd uintptr) {
			err = unix.SetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_REUSEPORT_LB, 1)
		})
		return err
	}}

	x.Step("%d servers listen on one port, with SO_REUSEPORT_LB; one more server tries to listen without it", listeners)
	address := harness.Loopback()
	for name := range byte(listeners) {
		listener, err := sharing.Listen(t.Context(), "tcp", address)
		require.NoError(t, err)
		x.Own(listener)
		address = listener.Addr().String()
		x.Begin(harness.Server, "Accept", func() error {
			for {
				conn, err := listener.Accept()
				if err != nil {
					return err
				}
				conn.Write([]byte{name}) // if it doesn't arrive, the client fails the test
				conn.Close()
			}
		})
	}
	_, err := net.Listen("tcp", address)
	x.Outcome(harness.Server, "Listen without SO_REUSEPORT_LB: %v", err)
	assert.ErrorIs(t, err, syscall.EADDRINUSE)

	x.Step("%d clients connect, one after the other", connections)
	var got [listeners]int
	for range connections {
		client := peer.DialNoKeepalive(x, address)
		name := make([]byte, 1)
		_, err := client.Read(name)
		require.NoError(t, err)
		got[name[0]]++
		require.NoError(t, client.Close())
	}
	x.Outcome(harness.Client, "served by each: %v", got)
	for name, served := range got {
		assert.Positive(t, served, "listener %d should get a part of the connections", name+1)
	}
}
