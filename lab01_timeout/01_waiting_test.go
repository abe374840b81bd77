package lab01_timeout

import (
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

// TestReadWaitsForSilentPeer: a read with no deadline waits for a peer that sends nothing. It is still waiting when a
// read with a deadline one second ahead has returned.
//
// Claim: T1, T8.
// Verdict: holds.
func TestReadWaitsForSilentPeer(t *testing.T) {
	x := harness.Start(t)
	const long = 1 * time.Second
	silent := peer.Silent(x)

	x.Step("one client reads with no deadline, which is the default")
	plain := peer.DialNoKeepalive(x, silent)
	read := x.Begin(harness.Client, "Read with no deadline", func() error {
		_, err := plain.Read(make([]byte, 1))
		return err
	})

	x.Step("another client reads with a deadline %v from now", long)
	guarded := peer.DialNoKeepalive(x, silent)
	begun := time.Now()
	require.NoError(t, guarded.SetReadDeadline(begun.Add(long)))
	_, err := guarded.Read(make([]byte, 1))
	took := time.Since(begun)
	x.Outcome(harness.Client, "Read with a deadline: %v", err)

	assert.ErrorIs(t, err, os.ErrDeadlineExceeded)
	x.AssertAtLeast(took, long)
	read.AssertStillWaiting()
}

// TestReadWaitsForVanishedPeer: with keepalive off, a read with no deadline does not notice that the peer's host has
// vanished, not even while a request of ours is unacknowledged.
//
// Claim: T1.
// Verdict: holds if keepalive is off; Go turns it on by default. Even then, the wait is not endless if a request of ours
// stays unacknowledged: the kernel gives up after a quarter of an hour, by default.
//
// Source: TestUnacknowledgedWriteFailsAfterQuarterHour shows when the kernel gives up.
func TestReadWaitsForVanishedPeer(t *testing.T) {
	x := harness.Start(t, link.VanishingPeers)
	const long = 1 * time.Second
	const request = "are you there?"
	client, server := peer.PairNoKeepalive(x)

	x.Step("the server's host vanishes")
	link.Vanish(x, server)

	x.Step("the client asks, and waits for the answer with no deadline")
	_, err := client.Write([]byte(request))
	x.Outcome(harness.Client, "Write: %v; the kernel has taken the bytes, that is all", err)
	require.NoError(t, err)
	read := x.Begin(harness.Client, "Read with no deadline", func() error {
		_, err := client.Read(make([]byte, 1))
		return err
	})

	x.Step("another client reads from another server, with a deadline %v from now", long)
	guarded := peer.DialNoKeepalive(x, peer.Silent(x))
	begun := time.Now()
	require.NoError(t, guarded.SetReadDeadline(begun.Add(long)))
	_, err = guarded.Read(make([]byte, 1))
	took := time.Since(begun)
	require.ErrorIs(t, err, os.ErrDeadlineExceeded)

	x.AssertAtLeast(took, long)
	read.AssertStillWaiting()
	assert.Equal(t, len(request), kernel.Unacknowledged(x, client),
		"the request should be unacknowledged; perhaps the server's host has not vanished")
}

// TestReadWaitsForRebootedPeer: with keepalive off, a read with no deadline does not notice that the peer's host has
// crashed and rebooted. The host no longer knows the connection. When we next send data, the host responds with a reset.
//
// Claim: T1.
// Verdict: holds if the peer's host crashes: a crashed host sends nothing. If only the peer's process crashes, its kernel
// closes the connection: see TestKilledProcessNeedsNoKeepalive.
//
// Predict: the server's host crashes and comes back, and keepalive is off; what does a waiting Read get?
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

	x.Step("the server's host crashes, and comes back with no memory of the connection")
	link.Reboot(x, server, client)

	x.Step("another client reads from another server, with a deadline %v from now", long)
	guarded := peer.DialNoKeepalive(x, peer.Silent(x))
	begun := time.Now()
	require.NoError(t, guarded.SetReadDeadline(begun.Add(long)))
	_, err := guarded.Read(make([]byte, 1))
	took := time.Since(begun)
	require.ErrorIs(t, err, os.ErrDeadlineExceeded)
	x.AssertAtLeast(took, long)
	read.AssertStillWaiting()

	x.Step("the client sends a byte")
	_, err = client.Write([]byte("?"))
	require.NoError(t, err)
	assert.ErrorIs(t, read.Wait(), connectionReset, "the rebooted host should not know this connection")
}

// TestDefaultsAreNoTimeout: http.Get waits for a silent server, and a zero-value http.Server waits for a silent client.
// Both are still waiting when a read with a deadline one second ahead has returned. http.DefaultTransport has timeouts, but
// none for the response.
//
// Claim: T8.
// Verdict: holds, but http.DefaultTransport has timeouts for the dial, the TLS handshake and idle connections.
func TestDefaultsAreNoTimeout(t *testing.T) {
	x := harness.Start(t)
	const long = 1 * time.Second
	silent := peer.Silent(x)

	x.Step("http.Get asks a server that sends nothing; a client sends nothing to a zero-value http.Server")
	get := x.Begin(harness.Client, "http.Get", func() error {
		_, err := http.Get("http://" + silent)
		return err
	})
	mute := peer.DialNoKeepalive(x, serveHTTP(x, new(http.Server)))
	closed := x.Begin(harness.Client, "Read until the zero-value http.Server closes", func() error {
		_, err := mute.Read(make([]byte, 1))
		return err
	})

	x.Step("another client reads with a deadline %v from now", long)
	guarded := peer.DialNoKeepalive(x, silent)
	begun := time.Now()
	require.NoError(t, guarded.SetReadDeadline(begun.Add(long)))
	_, err := guarded.Read(make([]byte, 1))
	took := time.Since(begun)
	require.ErrorIs(t, err, os.ErrDeadlineExceeded)
	x.AssertAtLeast(took, long)
	get.AssertStillWaiting()
	closed.AssertStillWaiting()

	x.Step("the timeouts of http.DefaultTransport are read")
	transport := http.DefaultTransport.(*http.Transport)
	want := map[string]time.Duration{"TLS handshake": 10 * time.Second, "idle connection": 90 * time.Second, "response header": 0}
	got := map[string]time.Duration{
		"TLS handshake":   transport.TLSHandshakeTimeout,
		"idle connection": transport.IdleConnTimeout,
		"response header": transport.ResponseHeaderTimeout,
	}
	assert.Empty(t, cmp.Diff(want, got), "the timeouts of http.DefaultTransport (-want +got)")
}
