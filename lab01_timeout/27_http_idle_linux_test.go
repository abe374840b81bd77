package lab01_timeout

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"socketlabs/harness"
	"socketlabs/harness/kernel"
	"socketlabs/harness/link"
)

// TestIdleRaceFailsPOST: an HTTP server that keeps connections open (HTTP keep-alive, not TCP keepalive) closes one just
// as the next request comes. A request that crosses the server's FIN is lost. net/http sends a GET again, on a new
// connection. A POST fails, unless it has an Idempotency-Key.
//
// Claim: Beyond the chapter.
//
// Source: TestEachServerTimeoutBoundsItsPhase shows that IdleTimeout closes connections in this way.
//
// Predict: a server's IdleTimeout closes a connection while a request is in flight; what does http.Client do?
//   - [ ] it sends the request again, on a new connection
//   - [x] it sends a GET again, and a POST fails
//   - [ ] it fails, whatever the request is
func TestIdleRaceFailsPOST(t *testing.T) {
	t.Parallel()
	for _, request := range []struct {
		name, method string
		header       http.Header
		fails        bool
	}{
		{"GET", http.MethodGet, http.Header{}, false},
		{"POST", http.MethodPost, http.Header{}, true},
		{"POST with an Idempotency-Key", http.MethodPost, http.Header{"Idempotency-Key": {"1"}}, false},
	} {
		t.Run(request.name, func(t *testing.T) {
			x := harness.Start(t, link.VanishingPeers)
			idle, closed := make(chan struct{}, 2), make(chan struct{}, 2) // for both connections
			var served atomic.Int32
			server := &http.Server{
				Handler: http.HandlerFunc(func(http.ResponseWriter, *http.Request) { served.Add(1) }),
				ConnState: func(_ net.Conn, state http.ConnState) {
					switch state {
					case http.StateIdle:
						idle <- struct{}{}
					case http.StateClosed:
						closed <- struct{}{}
					}
				},
			}
			url := "http://" + serveHTTP(x, server)
			var conns []*net.TCPConn
			transport := &http.Transport{DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
				conn, err := new(net.Dialer).DialContext(ctx, network, address)
				if err == nil {
					x.Own(conn)
					conns = append(conns, conn.(*net.TCPConn))
				}
				return conn, err
			}}
			do := func() error {
				asked, err := http.NewRequestWithContext(t.Context(), request.method, url, strings.NewReader("order"))
				require.NoError(t, err)
				asked.Header = request.header
				response, err := transport.RoundTrip(asked)
				if err != nil {
					return err
				}
				defer response.Body.Close()
				_, err = io.Copy(io.Discard, response.Body)
				return err
			}

			x.Step("a first %s is answered, and its connection is kept", request.name)
			require.NoError(t, do())
			require.Len(t, conns, 1)
			<-idle

			x.Step("the server closes its idle connections, and the FIN takes a long time to arrive")
			link.Vanish(x, conns[0])
			server.SetKeepAlivesEnabled(false) // as IdleTimeout would, but when we say
			<-closed

			x.Step("the client sends the next %s on the same connection", request.name)
			next := x.Begin(harness.Client, request.name, do)
			kernel.AwaitTCPInfo(x, harness.Client, conns[0], func(i kernel.TCPInfo) bool { return i.Unacked > 0 })
			link.Return(x, conns[0])
			err := next.Wait()
			x.Outcome(harness.Client, "%s: %v; connections made: %d", request.name, err, len(conns))
			if request.fails {
				assert.True(t, errors.Is(err, unix.ECONNRESET) || errors.Is(err, io.EOF), "%s: %v", request.name, err)
				assert.Len(t, conns, 1, "the request should not be sent again")
				assert.EqualValues(t, 1, served.Load())
			} else {
				assert.NoError(t, err)
				assert.Len(t, conns, 2, "the request should be sent again")
				assert.EqualValues(t, 2, served.Load())
			}
		})
	}
}
