package lab01_timeout

import (
	"net"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"socketlabs/harness"
	"socketlabs/harness/peer"
)

// TestAcceptDeadlineFreesListener: an accept with a deadline returns when nobody calls; the listener
// is as good as before and serves the next caller.
//
// Claim: T4.
// Verdict: holds.
func TestAcceptDeadlineFreesListener(t *testing.T) {
	x := harness.Start(t)
	const patience = 300 * time.Millisecond
	listen := func() *net.TCPListener {
		listener, err := net.Listen("tcp", harness.Loopback())
		require.NoError(t, err)
		x.Own(listener)
		return listener.(*net.TCPListener)
	}
	plain, listener := listen(), listen()
	control := x.Begin(harness.Server, "Accept with no deadline", func() error {
		_, err := plain.Accept()
		return err
	})

	begun := x.Step("the server waits %v for a caller, and nobody calls", patience)
	require.NoError(t, listener.SetDeadline(time.Now().Add(patience)))
	_, err := listener.Accept()
	x.Outcome(harness.Server, "Accept: %v", err)
	assert.ErrorIs(t, err, os.ErrDeadlineExceeded)
	x.AssertNeverEarlier(begun, patience)
	control.AssertStillWaiting()

	x.Step("the server moves the deadline, and a client calls")
	require.NoError(t, listener.SetDeadline(time.Time{}))
	client := peer.DialNoKeepalive(x, listener.Addr().String())
	server, err := listener.AcceptTCP()
	require.NoError(t, err)
	x.Own(server)
	x.Outcome(harness.Server, "Accept: a connection from %v", server.RemoteAddr())
	assert.Equal(t, client.LocalAddr().String(), server.RemoteAddr().String())
}
