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

// TestAcceptDeadlineFreesListener: an accept with a deadline returns when nobody connects. The listener is not harmed:
// after its deadline is cleared, it accepts the next client.
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

	x.Step("the server waits %v for a client, and nobody connects", patience)
	begun := time.Now()
	require.NoError(t, listener.SetDeadline(begun.Add(patience)))
	_, err := listener.Accept()
	took := time.Since(begun)
	x.Outcome(harness.Server, "Accept: %v", err)
	assert.ErrorIs(t, err, os.ErrDeadlineExceeded)
	x.AssertAtLeast(took, patience)
	control.AssertStillWaiting()

	x.Step("the server takes the deadline away, and a client connects")
	require.NoError(t, listener.SetDeadline(noDeadline))
	client := peer.DialNoKeepalive(x, listener.Addr().String())
	server, err := listener.AcceptTCP()
	require.NoError(t, err)
	x.Own(server)
	x.Outcome(harness.Server, "Accept: a connection from %v", server.RemoteAddr())
	assert.Equal(t, client.LocalAddr().String(), server.RemoteAddr().String())
}
