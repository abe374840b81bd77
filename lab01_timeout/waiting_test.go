package lab01_timeout

import (
	"net"
	"net/http"
	"os"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"socketlabs/harness"
	"socketlabs/harness/kernel"
	"socketlabs/harness/link"
	"socketlabs/harness/peer"
)

// TestReadWaitsForSilentPeer: a read without a deadline still waits for a peer that says nothing,
// when one with a deadline is long over.
//
// Claim: T1, T8.
// Verdict: holds.
func TestReadWaitsForSilentPeer(t *testing.T) {
	x := harness.Start(t)
	const long = 1 * time.Second
	silent := peer.Silent(x)

	x.Step("one client reads as connections come: with no deadline")
	plain := peer.DialNoKeepalive(x, silent)
	read := x.Begin(harness.Client, "Read with no deadline", func() error {
		_, err := plain.Read(make([]byte, 1))
		return err
	})

	begun := x.Step("another reads with a deadline in %v", long)
	guarded := peer.DialNoKeepalive(x, silent)
	require.NoError(t, guarded.SetReadDeadline(time.Now().Add(long)))
	_, err := guarded.Read(make([]byte, 1))
	x.Outcome(harness.Client, "Read with a deadline: %v", err)

	assert.ErrorIs(t, err, os.ErrDeadlineExceeded)
	x.AssertNeverEarlier(begun, long)
	read.AssertStillWaiting()
}

// TestReadWaitsForVanishedPeer: a read without a deadline still waits for a peer whose host is gone,
// even after a request to it that was never acknowledged.
//
// Claim: T1.
// Verdict: holds if keepalive is off and nothing is being sent: Go turns keepalive on by itself, and
// unacknowledged data ends the wait after a quarter of an hour.
func TestReadWaitsForVanishedPeer(t *testing.T) {
	x := harness.Start(t, link.VanishingPeers)
	const long = 1 * time.Second
	const question = "are you there?"
	client, server := peer.PairNoKeepalive(x)

	x.Step("the server's host vanishes")
	link.Vanish(x, server)

	begun := x.Step("the client asks, and waits for the answer with no deadline")
	_, err := client.Write([]byte(question))
	x.Outcome(harness.Client, "Write: %v; the kernel has taken the bytes, that is all", err)
	require.NoError(t, err)
	read := x.Begin(harness.Client, "Read with no deadline", func() error {
		_, err := client.Read(make([]byte, 1))
		return err
	})

	x.Step("%v later, by the deadline of another client", long)
	guarded := peer.DialNoKeepalive(x, peer.Silent(x))
	require.NoError(t, guarded.SetReadDeadline(time.Now().Add(long)))
	_, err = guarded.Read(make([]byte, 1))
	require.ErrorIs(t, err, os.ErrDeadlineExceeded)

	x.AssertNeverEarlier(begun, long)
	read.AssertStillWaiting()
	assert.Equal(t, len(question), kernel.Unacknowledged(x, client),
		"the question was acknowledged: the server's host has not vanished")
}

// TestReadWaitsForRebootedPeer: a read without a deadline does not notice that the peer's host has
// restarted and forgotten the connection; only the next word sent is answered, with a reset.
//
// Claim: T1.
// Verdict: holds if the host went down with the process: then no segment tells of it. When only the
// process dies, its kernel closes the connection, and the read returns at once.
//
// Predict: the server's host crashes and comes back, and keepalive is off; what does a Read that waits get?
//   - [ ] ECONNRESET, once the host is back
//   - [ ] io.EOF, once the host is back
//   - [x] nothing, until the client sends something
//   - [ ] ETIMEDOUT, some seconds after the crash
func TestReadWaitsForRebootedPeer(t *testing.T) {
	x := harness.Start(t, link.VanishingPeers)
	const long = 1 * time.Second
	client, server := peer.PairNoKeepalive(x)
	read := x.Begin(harness.Client, "Read with no deadline", func() error {
		_, err := client.Read(make([]byte, 1))
		return err
	})

	begun := x.Step("the server's host crashes, and comes back with no memory of the connection")
	link.Reboot(x, server, client)

	x.Step("%v later, by the deadline of another client", long)
	guarded := peer.DialNoKeepalive(x, peer.Silent(x))
	require.NoError(t, guarded.SetReadDeadline(time.Now().Add(long)))
	_, err := guarded.Read(make([]byte, 1))
	require.ErrorIs(t, err, os.ErrDeadlineExceeded)
	x.AssertNeverEarlier(begun, long)
	read.AssertStillWaiting()

	x.Step("the client sends a byte")
	_, err = client.Write([]byte("?"))
	require.NoError(t, err)
	assert.ErrorIs(t, read.Wait(), connectionReset, "the restarted host does not know this connection")
}

// TestDefaultsAreNoTimeout: whatever net and net/http offer as a time-out is off until it is set.
//
// Claim: T8.
// Verdict: holds.
func TestDefaultsAreNoTimeout(t *testing.T) {
	x := harness.Start(t)
	var (
		dialer    net.Dialer
		client    http.Client
		server    http.Server
		transport http.Transport
	)
	x.Step("the zero value of everything that has a time-out")
	got := map[string]time.Duration{
		"Dialer.Timeout":                  dialer.Timeout,
		"Client.Timeout":                  client.Timeout,
		"DefaultClient.Timeout":           http.DefaultClient.Timeout,
		"Transport.ResponseHeaderTimeout": transport.ResponseHeaderTimeout,
		"Transport.TLSHandshakeTimeout":   transport.TLSHandshakeTimeout,
		"Server.ReadTimeout":              server.ReadTimeout,
		"Server.ReadHeaderTimeout":        server.ReadHeaderTimeout,
		"Server.WriteTimeout":             server.WriteTimeout,
		"Server.IdleTimeout":              server.IdleTimeout,
	}
	for name, timeout := range got {
		assert.Zero(t, timeout, name)
	}

	x.Step("the ready-made transport of net/http is the exception, and not for the answer itself")
	ready := http.DefaultTransport.(*http.Transport)
	want := map[string]time.Duration{"TLS handshake": 10 * time.Second, "idle connection": 90 * time.Second, "answer": 0}
	set := map[string]time.Duration{
		"TLS handshake":   ready.TLSHandshakeTimeout,
		"idle connection": ready.IdleConnTimeout,
		"answer":          ready.ResponseHeaderTimeout,
	}
	assert.Empty(t, cmp.Diff(want, set), "http.DefaultTransport (-want +got)")
}
