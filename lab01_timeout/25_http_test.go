package lab01_timeout

import (
	"context"
	"io"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"socketlabs/harness"
	"socketlabs/harness/peer"
)

// drippingBody is a server that sends its header at once, and its body one byte at a time.
func drippingBody(text string) *http.Server {
	return &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		pause := time.NewTicker(dripPause)
		defer pause.Stop()
		for i := range len(text) {
			io.WriteString(w, text[i:i+1])
			http.NewResponseController(w).Flush()
			select {
			case <-pause.C:
			case <-r.Context().Done():
				return
			}
		}
	})}
}

// TestHTTPClientTimeoutBoundsWholeExchange: http.Client.Timeout bounds the whole exchange, including the reading of the
// body, even if the server keeps sending.
//
// Claim: T6.
// Verdict: does not hold: http.Client.Timeout limits the whole request.
//
// Predict: http.Client.Timeout is 1.5 s; the header comes at once, then a byte of the body every 250 ms; what does the client read?
//   - [ ] the whole body: no byte is late
//   - [x] a part of the body, then a timeout
//   - [ ] the whole body: Timeout ends with the header
func TestHTTPClientTimeoutBoundsWholeExchange(t *testing.T) {
	x := harness.Start(t)
	budget := 1500 * time.Millisecond
	url := "http://" + serveHTTP(x, drippingBody(endlessText))
	control := x.Begin(harness.Client, "Get with no timeout", func() error {
		_, err := get(t.Context(), http.Client{Transport: new(http.Transport)}, url)
		return err
	})

	var body []byte
	for ; len(body) == 0; budget *= 2 { // a busy machine may spend the whole budget on the header
		x.Step("Timeout = %v; the server sends a byte every %v", budget, dripPause)
		client := http.Client{Transport: new(http.Transport), Timeout: budget}
		var err error
		begun := time.Now()
		body, err = get(t.Context(), client, url)
		took := time.Since(begun)
		x.Outcome(harness.Client, "Get: %q, then %v", body, err)
		require.ErrorIs(t, err, context.DeadlineExceeded)
		x.AssertAtLeast(took, budget)
	}
	control.AssertStillWaiting()
}

// TestResponseHeaderTimeoutEndsWithHeader: Transport.ResponseHeaderTimeout ends the wait for a server that does not
// begin to respond. Once the header has come, that timeout does not limit the body.
//
// Claim: T3.
// Verdict: holds for the header; the body needs a timeout of its own.
func TestResponseHeaderTimeoutEndsWithHeader(t *testing.T) {
	x := harness.Start(t)
	control := http.Client{Transport: new(http.Transport)}
	client := http.Client{Transport: &http.Transport{ResponseHeaderTimeout: perCall}}
	silent := "http://" + peer.Silent(x)
	dripping := "http://" + serveHTTP(x, drippingBody(drippedText))
	waiting := x.Begin(harness.Client, "Get with no timeout", func() error {
		_, err := get(t.Context(), control, silent)
		return err
	})

	x.Step("two clients wait at most %v for the header; one server says nothing, the other sends a byte of its body every %v", perCall, dripPause)
	var body []byte
	lively := x.Begin(harness.Client, "Get from the lively server", func() (err error) {
		body, err = get(t.Context(), client, dripping)
		return err
	})
	begun := time.Now()
	_, err := get(t.Context(), client, silent)
	took := time.Since(begun)
	x.Outcome(harness.Client, "Get from the silent server: %v", err)
	assert.ErrorIs(t, err, context.DeadlineExceeded)
	x.AssertAtLeast(took, perCall)
	waiting.AssertStillWaiting()

	assert.NoError(t, lively.Wait())
	assert.Equal(t, drippedText, string(body))
	x.AssertAtLeast(lively.Took(), inAll)
}

// TestReadHeaderTimeoutFreesServer: a zero-value http.Server waits for a client that sends its header one byte at a
// time. A server with ReadHeaderTimeout closes the connection when this time has passed.
//
// Claim: T8.
// Verdict: holds.
func TestReadHeaderTimeoutFreesServer(t *testing.T) {
	x := harness.Start(t)
	const patience = 600 * time.Millisecond
	zero := serveHTTP(x, new(http.Server))
	guarded := serveHTTP(x, &http.Server{ReadHeaderTimeout: patience})
	dripTo := func(name, server string) *harness.Call {
		client := peer.DialNoKeepalive(x, server)
		peer.Drip(x, client, "GET / HTTP/1.1\r\nHost: "+endlessText, dripPause)
		return x.Begin(harness.Client, "Read from the "+name+" until it closes", func() error {
			_, err := io.ReadAll(client)
			return err
		})
	}

	x.Step("two clients send a byte of their headers every %v; one server waits %v for the header", dripPause, patience)
	control := dripTo("zero server", zero)
	begun := time.Now()
	closed := dripTo("guarded server", guarded)
	if err := closed.Wait(); err != nil { // a byte was on its way when the server closed
		assert.ErrorIs(t, err, connectionReset)
	}
	x.AssertAtLeast(closed.Since(begun), patience)
	control.AssertStillWaiting()
}
