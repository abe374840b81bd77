package lab03_keepalive

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"socketlabs/harness"
	"socketlabs/harness/link"
	"socketlabs/harness/peer"
)

// TestServerWithDefaultsHoldsVanishedClientForMinutes: an http.Server with default settings keeps an idle connection for
// minutes after the client's host has vanished. The keepalive that Go turns on by default ends the connection,
// after two and a half minutes.
//
// Claim: K2.
// Verdict: holds, but only for minutes: http.Server has no timeout by default, but Go turns keepalive on.
func TestServerWithDefaultsHoldsVanishedClientForMinutes(t *testing.T) {
	x := harness.Start(t, link.VanishingPeers, harness.LongTimers)
	listener, err := net.Listen("tcp", harness.Loopback())
	require.NoError(t, err)
	closed := make(chan struct{})
	server := &http.Server{ConnState: func(_ net.Conn, state http.ConnState) {
		if state == http.StateClosed {
			close(closed)
		}
	}}
	x.Own(server)
	go server.Serve(listener) // returns when the experiment closes the server

	x.Step("a client asks, is answered, and keeps the connection")
	client := peer.DialNoKeepalive(x, listener.Addr().String())
	begun := time.Now()
	_, err = io.WriteString(client, "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
	require.NoError(t, err)
	answer, err := http.ReadResponse(bufio.NewReader(client), nil)
	require.NoError(t, err)
	_, err = io.Copy(io.Discard, answer.Body)
	require.NoError(t, err)
	assert.False(t, answer.Close, "the server should keep the connection, too")

	x.Step("the client's host vanishes")
	link.Vanish(x, client)
	<-closed
	took := time.Since(begun)
	x.Outcome(harness.Server, "the connection is closed")
	x.AssertAtLeast(took, deathAfter(goDefault)-harness.Tick())
}
