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

// TestReadDeadlineFreesReader: a read with a deadline returns from a silent peer when the time has
// come and not before, with an error of its own.
//
// Claim: T3, T5.
// Verdict: holds.
func TestReadDeadlineFreesReader(t *testing.T) {
	x := harness.Start(t)
	const patience = 300 * time.Millisecond
	client, _ := peer.PairNoKeepalive(x)
	plain, _ := peer.PairNoKeepalive(x)
	control := x.Begin(harness.Client, "Read with no deadline", func() error {
		_, err := plain.Read(make([]byte, 1))
		return err
	})

	begun := x.Step("the client waits %v for a server that says nothing", patience)
	require.NoError(t, client.SetReadDeadline(time.Now().Add(patience)))
	n, err := client.Read(make([]byte, 1))
	x.Outcome(harness.Client, "Read: %d bytes, %v", n, err)

	assert.Zero(t, n)
	assert.ErrorIs(t, err, os.ErrDeadlineExceeded)
	var netErr net.Error
	if assert.ErrorAs(t, err, &netErr) {
		assert.True(t, netErr.Timeout())
	}
	x.AssertNeverEarlier(begun, patience)
	control.AssertStillWaiting()
}

// TestReadDeadlineIsTheOnlySignOfLossOverUDP: a lost datagram is reported by nobody; the reader of
// the answer learns of it by its deadline alone.
//
// Claim: T3.
// Verdict: holds.
func TestReadDeadlineIsTheOnlySignOfLossOverUDP(t *testing.T) {
	x := harness.Start(t)
	const patience = 300 * time.Millisecond
	server, err := net.ListenPacket("udp", harness.Loopback())
	require.NoError(t, err)
	x.Own(server)
	ask := func() net.Conn {
		client, err := net.Dial("udp", server.LocalAddr().String())
		require.NoError(t, err)
		x.Own(client)
		_, err = client.Write([]byte("?"))
		require.NoError(t, err, "sending succeeds, whatever becomes of the datagram")
		return client
	}

	x.Step("two clients ask, and their questions come to nothing")
	plain, client := ask(), ask()
	control := x.Begin(harness.Client, "Read with no deadline", func() error {
		_, err := plain.Read(make([]byte, 1))
		return err
	})

	begun := x.Step("one waits %v for the answer, the other with no deadline", patience)
	require.NoError(t, client.SetReadDeadline(time.Now().Add(patience)))
	_, err = client.Read(make([]byte, 1))
	x.Outcome(harness.Client, "Read: %v", err)
	assert.ErrorIs(t, err, os.ErrDeadlineExceeded)
	x.AssertNeverEarlier(begun, patience)
	control.AssertStillWaiting()

	x.Step("the client asks again, and this time the server answers")
	_, err = server.WriteTo([]byte("!"), client.LocalAddr())
	require.NoError(t, err)
	require.NoError(t, client.SetReadDeadline(time.Time{}))
	n, err := client.Read(make([]byte, 1))
	x.Outcome(harness.Client, "Read: %d byte, %v", n, err)
	assert.NoError(t, err)
}
