package robust

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// libraryEndings are endings of calls of crypto/tls and net/http, which have errors of their own.
var libraryEndings = []ending{
	{"TLS: no answer before the deadline", tlsDeadline, Slow},
	{"TLS: no handshake before the deadline", tlsHandshakeDeadline, Slow},
	{"TLS: no room for a write before the deadline", tlsWriteDeadline, Ended},
	{"TLS: a later write, without a deadline", tlsWriteAfterDeadline, Ended},
	{"HTTP: no answer before the client's timeout", httpTimeout, Slow},
	{"HTTP: no answer before the context's timeout", httpContext, Slow},
	{"HTTP: no answer before ResponseHeaderTimeout", httpHeaderTimeout, Slow},
	{"HTTP: no TLS handshake before TLSHandshakeTimeout", httpHandshakeTimeout, Slow},
	{"HTTP: our own DialContext times out, and wraps the error", httpDialTimeout, Slow},
	{"HTTP: our own DialTLSContext times out, and wraps the error", httpOwnHandshakeTimeout, Slow},
	{"HTTP: nobody listens", httpRefused, Refused},
	{"HTTP: the request is canceled", httpCanceled, Canceled},
	{"HTTP/2: pings are not answered", http2Lost, Unknown},
}

// tlsServer completes the TLS handshake, and then reads and sends nothing. It offers the given protocols. The config is
// for its clients.
func tlsServer(t *testing.T, protocols ...string) (address string, config *tls.Config) {
	t.Helper()
	server := httptest.NewUnstartedServer(nil)
	server.StartTLS()
	t.Cleanup(server.Close)
	serverConfig := server.TLS.Clone()
	serverConfig.NextProtos = protocols
	plain, err := Listen(t.Context(), "127.0.0.1:0")
	require.NoError(t, err)
	listener := tls.NewListener(plain, serverConfig)
	t.Cleanup(func() { listener.Close() })
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			t.Cleanup(func() { conn.Close() })
			conn.(*tls.Conn).Handshake()
		}
	}()
	config = server.Client().Transport.(*http.Transport).TLSClientConfig.Clone()
	return listener.Addr().String(), config
}

func tlsClient(t *testing.T) *tls.Conn {
	t.Helper()
	address, config := tlsServer(t)
	client, err := tls.Dial("tcp", address, config)
	require.NoError(t, err)
	t.Cleanup(func() { client.NetConn().Close() })
	return client
}

func tlsDeadline(t *testing.T) error {
	client := tlsClient(t)
	require.NoError(t, client.SetDeadline(time.Now().Add(patience)))
	return read(client)
}

func tlsHandshakeDeadline(t *testing.T) error {
	conn, err := net.Dial("tcp", silent(t))
	require.NoError(t, err)
	defer conn.Close()
	require.NoError(t, conn.SetDeadline(time.Now().Add(patience)))
	return read(tls.Client(conn, &tls.Config{ServerName: "example.com"}))
}

func tlsWriteDeadline(t *testing.T) error {
	client := tlsClient(t)
	require.NoError(t, client.SetDeadline(time.Now().Add(patience)))
	return fill(client)
}

func tlsWriteAfterDeadline(t *testing.T) error {
	client := tlsClient(t)
	require.NoError(t, client.SetDeadline(time.Now().Add(patience)))
	require.Error(t, fill(client))
	require.NoError(t, client.SetDeadline(time.Time{}))
	return write(client)
}

func get(t *testing.T, client *http.Client, url string) error {
	t.Helper()
	t.Cleanup(client.CloseIdleConnections)
	answer, err := client.Get(url)
	if err == nil {
		answer.Body.Close()
	}
	return err
}

func httpTimeout(t *testing.T) error {
	client := &http.Client{Transport: &http.Transport{}, Timeout: patience}
	return get(t, client, "http://"+silent(t))
}

func httpContext(t *testing.T) error {
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+silent(t), nil)
	require.NoError(t, err)
	_, err = new(http.Transport).RoundTrip(request)
	return err
}

func httpHeaderTimeout(t *testing.T) error {
	return get(t, &http.Client{Transport: &http.Transport{ResponseHeaderTimeout: patience}}, "http://"+silent(t))
}

func httpHandshakeTimeout(t *testing.T) error {
	return get(t, &http.Client{Transport: &http.Transport{TLSHandshakeTimeout: patience}}, "https://"+silent(t))
}

func httpDialTimeout(t *testing.T) error {
	dial := func(ctx context.Context, network, address string) (net.Conn, error) {
		_, err := (&net.Dialer{Deadline: time.Unix(1, 0)}).DialContext(ctx, network, address)
		return nil, fmt.Errorf("no way in: %w", err)
	}
	return get(t, &http.Client{Transport: &http.Transport{DialContext: dial}}, "http://"+silent(t))
}

func httpOwnHandshakeTimeout(t *testing.T) error {
	dial := func(context.Context, string, string) (net.Conn, error) {
		return nil, fmt.Errorf("no way in: %w", tlsHandshakeDeadline(t))
	}
	return get(t, &http.Client{Transport: &http.Transport{DialTLSContext: dial}}, "https://"+silent(t))
}

func httpRefused(t *testing.T) error {
	return get(t, &http.Client{Transport: &http.Transport{}}, "http://"+absent(t))
}

func httpCanceled(t *testing.T) error {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+silent(t), nil)
	require.NoError(t, err)
	_, err = new(http.Transport).RoundTrip(request)
	return err
}

func http2Lost(t *testing.T) error {
	address, config := tlsServer(t, "h2")
	transport := &http.Transport{
		TLSClientConfig: config, ForceAttemptHTTP2: true,
		HTTP2: &http.HTTP2Config{SendPingTimeout: patience, PingTimeout: patience},
	}
	err := get(t, &http.Client{Transport: transport}, "https://"+address)
	assert.ErrorContains(t, err, "http2: client connection lost") // it has no type, and wraps nothing
	assert.Nil(t, errors.Unwrap(errors.Unwrap(err)))
	return err
}
