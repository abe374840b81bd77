package lab03_keepalive

import (
	"io"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"socketlabs/harness"
	"socketlabs/harness/kernel"
	"socketlabs/harness/link"
	"socketlabs/harness/peer"
)

// TestKeepaliveSeesProxyOnly: a client's keepalive and TCP_USER_TIMEOUT see the proxy and nothing behind it. When the
// server's host has vanished, the proxy's kernel acknowledges the client's request, but the request stays unacknowledged on
// the proxy's connection to the server.
//
// Claim: K4.
// Verdict: holds, but the client's peer is the proxy, which answers the probes even if the server behind it has vanished.
//
// Predict: a client sends a request through a proxy, and the server's host has vanished; does the client's request stay unacknowledged?
//   - [x] no: the proxy's kernel acknowledges it
//   - [ ] yes, until TCP_USER_TIMEOUT ends the connection
//   - [ ] yes, until keepalive ends the connection
func TestKeepaliveSeesProxyOnly(t *testing.T) {
	x := harness.Start(t, link.VanishingPeers)
	const userTimeout = 1 * time.Second
	x.Step("one client connects through a proxy, another directly; both turn keepalive on, and set TCP_USER_TIMEOUT = %v", userTimeout)
	client, proxy, server := peer.PairBehindProxyNoKeepalive(x)
	require.NoError(t, client.SetKeepAliveConfig(quickest))
	setUserTimeout(t, client, userTimeout)
	begun := time.Now()
	direct, directServer := peer.PairNoKeepalive(x)
	require.NoError(t, direct.SetKeepAliveConfig(quickest))
	setUserTimeout(t, direct, userTimeout)

	x.Step("the hosts of both servers vanish, and the client behind the proxy asks")
	link.Vanish(x, server)
	link.Vanish(x, directServer)
	_, err := client.Write([]byte("?"))
	require.NoError(t, err)
	before := kernel.AwaitTCPInfo(x, harness.Client, client, func(i kernel.TCPInfo) bool { return i.Unacked == 0 })
	read := x.Begin(harness.Client, "Read through the proxy", func() error {
		_, err := client.Read(make([]byte, 1))
		return err
	})
	_, err = direct.Read(make([]byte, 1))
	took := time.Since(begun)
	x.Outcome(harness.Client, "Read with no proxy between: %v", cause(err))
	assert.ErrorIs(t, err, unix.ETIMEDOUT)
	x.AssertAtLeast(took, deathAfter(quickest)-harness.Tick())

	read.AssertStillWaiting()
	after := kernel.AwaitTCPInfo(x, harness.Client, client, func(i kernel.TCPInfo) bool { return i.Probes == 0 })
	assert.Greater(t, after.SegmentsIn, before.SegmentsIn, "the proxy's kernel should have answered probes")
	here, behind := kernel.Unacknowledged(x, client), kernel.Unacknowledged(x, proxy.ToServer)
	x.Outcome(harness.Middle, "unacknowledged: %d bytes at the client, %d at the proxy", here, behind)
	assert.Zero(t, here)
	assert.Equal(t, 1, behind)
}

// TestProxyTellsClientByEOF: keepalive on a proxy's connection to the server finds that the server's host has vanished.
// When the proxy then closes the client's connection, the client reads io.EOF, as if the server had closed.
//
// Claim: Beyond the chapter.
func TestProxyTellsClientByEOF(t *testing.T) {
	x := harness.Start(t, link.VanishingPeers)
	x.Step("two clients connect through proxies, one of which turns keepalive on towards its server")
	plain, _, plainServer := peer.PairBehindProxyNoKeepalive(x)
	begun := time.Now()
	client, proxy, server := peer.PairBehindProxyNoKeepalive(x)
	require.NoError(t, proxy.ToServer.SetKeepAliveConfig(quickest))
	read := x.Begin(harness.Client, "Read through the proxy without keepalive", func() error {
		_, err := plain.Read(make([]byte, 1))
		return err
	})

	x.Step("the hosts of both servers vanish")
	link.Vanish(x, server)
	link.Vanish(x, plainServer)
	_, err := client.Read(make([]byte, 1))
	took := time.Since(begun)
	x.Outcome(harness.Client, "Read through the proxy with keepalive: %v", cause(err))
	assert.ErrorIs(t, err, io.EOF)
	x.AssertAtLeast(took, deathAfter(quickest)-harness.Tick())
	read.AssertStillWaiting()
}
