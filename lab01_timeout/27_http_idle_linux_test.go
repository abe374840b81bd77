package lab01_timeout

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"socketlabs/harness"
	"socketlabs/harness/kernel"
	"socketlabs/harness/link"
)

// TestIdleRaceFailsPOST: an HTTP server that keeps connections open (HTTP keep-alive, not TCP keepalive) may close an
// idle connection just as the next request comes. A request that crosses the server's FIN is lost. net/http retries a
// GET, on a new connection. A POST or PUT fails, unless it has an Idempotency-Key. Once the FIN has arrived, net/http sends
// every request on a new connection.
//
// Claim: Beyond the chapter.
//
// Source: TestEachServerTimeoutBoundsItsPhase shows that IdleTimeout closes idle connections. net/http, isReplayable in
// request.go: net/http retries HEAD, OPTIONS and TRACE, too, but not DELETE. An X-Idempotency-Key does the same as an
// Idempotency-Key. net/http retries a request with a body only if the request has GetBody. shouldRetryRequest in
// transport.go: if nothing of a request was written, net/http retries it, whatever its method.
//
// Predict: a server's IdleTimeout closes a connection while a request is in flight; what does http.Client do?
//   - [ ] it retries every request, on a new connection
//   - [x] it retries a GET, on a new connection; a POST fails
//   - [ ] it retries nothing: every request fails
func TestIdleRaceFailsPOST(t *testing.T) {
	t.Parallel()
	for _, request := range []struct {
		name, method string
		header       http.Header
		fails        bool
	}{
		{"GET", http.MethodGet, http.Header{}, false},
		{"POST", http.MethodPost, http.Header{}, true},
		{"PUT", http.MethodPut, http.Header{}, true},
		{"POST with an Idempotency-Key", http.MethodPost, http.Header{"Idempotency-Key": {"1"}}, false},
	} {
		t.Run(request.name, func(t *testing.T) {
			x := harness.Start(t, link.VanishingPeers)
			x.Step("a first %s is answered, and its connection is kept", request.name)
			pool := filledPool(t, x, request.method, request.header)
			require.Len(t, pool.conns, 1)
			<-pool.idle

			x.Step("the server closes its idle connections, and the FIN takes a long time to arrive")
			link.Vanish(x, pool.conns[0])
			pool.server.SetKeepAlivesEnabled(false) // does what IdleTimeout does, but at a time that we choose
			<-pool.closed

			x.Step("the client sends the next %s on the same connection", request.name)
			next := x.Begin(harness.Client, request.name, func() error { return pool.do(t.Context(), request.method, request.header) })
			kernel.AwaitTCPInfo(x, harness.Client, pool.conns[0], func(i kernel.TCPInfo) bool { return i.Unacked > 0 })
			link.Return(x, pool.conns[0])
			err := next.Wait()
			x.Outcome(harness.Client, "%s: %v; connections made: %d", request.name, err, len(pool.conns))
			if request.fails {
				assert.True(t, errors.Is(err, unix.ECONNRESET) || errors.Is(err, io.EOF), "%s should fail; got: %v", request.name, err)
				assert.Len(t, pool.conns, 1, "net/http should not retry the request")
				assert.EqualValues(t, 1, pool.served.Load())
			} else {
				assert.NoError(t, err)
				assert.Len(t, pool.conns, 2, "net/http should retry the request, on a new connection")
				assert.EqualValues(t, 2, pool.served.Load())
			}
		})
	}

	t.Run("POST after the FIN", func(t *testing.T) {
		x := harness.Start(t, kernel.SocketTable)
		pool := filledPool(t, x, http.MethodPost, http.Header{})
		server := <-pool.idle

		x.Step("the server closes its idle connections, and the client's Transport sees the FIN before the next POST")
		pool.server.SetKeepAlivesEnabled(false)
		kernel.AwaitConnection(x, server.RemoteAddr().String(), server.LocalAddr().String())
		err := pool.do(t.Context(), http.MethodPost, http.Header{})
		x.Outcome(harness.Client, "POST: %v; connections made: %d", err, len(pool.conns))
		assert.NoError(t, err)
		assert.Len(t, pool.conns, 2, "the POST should be sent on a new connection")
	})
}

// TestPooledGETWaitsForVanishedHost: a connection in the pool of an http.Transport may be dead when the next request
// takes it. If the server's host has vanished, even a GET waits until a timeout of the program ends the GET, and net/http
// does not retry it. If the kernel ends the old connection, net/http retries the GET on a new one. The kernel ends the old
// connection because of TCP_USER_TIMEOUT, or because a rebooted host responds with a reset. A POST fails after such a
// reset.
//
// Claim: Beyond the chapter.
//
// Source: net/http, shouldRetryRequest in transport.go: net/http retries a request after an error from the kernel, but not
// after the request's own context has ended. A middlebox that has forgotten the connection sends the same reset as a
// rebooted host: TestWriteComesTooLateForMiddlebox.
//
// Predict: a connection to a vanished host is in the pool; a new connection would reach a healthy host; http.Client.Timeout is set; what does the next GET do?
//   - [ ] it is retried on a new connection, and succeeds
//   - [x] it waits, and fails at the timeout
//   - [ ] it fails at once
func TestPooledGETWaitsForVanishedHost(t *testing.T) {
	t.Parallel()
	const patience = 500 * time.Millisecond
	for _, of := range []struct {
		name, method string
		userTimeout  time.Duration
		dies         func(x *harness.Experiment, server, client *net.TCPConn)
		fails        error
	}{
		{"GET to a vanished host", http.MethodGet, 0, vanishes, context.DeadlineExceeded},
		{"GET to a vanished host, with TCP_USER_TIMEOUT", http.MethodGet, patience, vanishes, nil},
		{"GET to a rebooted host", http.MethodGet, 0, link.Reboot, nil},
		{"POST to a rebooted host", http.MethodPost, 0, link.Reboot, unix.ECONNRESET},
	} {
		t.Run(of.name, func(t *testing.T) {
			x := harness.Start(t, link.VanishingPeers)
			pool := filledPool(t, x, of.method, http.Header{})
			require.Len(t, pool.conns, 1)
			raw, err := pool.conns[0].SyscallConn()
			require.NoError(t, err)
			require.NoError(t, raw.Control(func(fd uintptr) {
				require.NoError(t, unix.SetsockoptInt(int(fd), unix.IPPROTO_TCP, unix.TCP_USER_TIMEOUT, int(of.userTimeout.Milliseconds())))
			}))

			x.Step("the connection is in the pool, and is dead: %s", of.name)
			server := (<-pool.idle).(*net.TCPConn)
			// The answer must be acknowledged: otherwise, the server's kernel would go on retransmitting it.
			kernel.AwaitTCPInfo(x, harness.Server, server, func(i kernel.TCPInfo) bool { return i.Unacked == 0 })
			of.dies(x, server, pool.conns[0])
			begun := time.Now()
			ctx := t.Context()
			if of.fails == context.DeadlineExceeded {
				var cancel func()
				ctx, cancel = context.WithTimeout(ctx, patience)
				defer cancel()
			}
			err = pool.do(ctx, of.method, http.Header{})
			took := time.Since(begun)
			x.Outcome(harness.Client, "%s: %v; connections made: %d", of.method, err, len(pool.conns))
			if of.fails != nil {
				assert.ErrorIs(t, err, of.fails)
				assert.Len(t, pool.conns, 1, "net/http should not retry the request")
				assert.EqualValues(t, 1, pool.served.Load())
			} else {
				assert.NoError(t, err)
				assert.Len(t, pool.conns, 2, "net/http should retry the request, on a new connection")
				assert.EqualValues(t, 2, pool.served.Load())
			}
			if of.userTimeout > 0 || of.fails == context.DeadlineExceeded {
				x.AssertAtLeast(took, patience-harness.Tick())
			}
		})
	}
}

func vanishes(x *harness.Experiment, server, _ *net.TCPConn) { link.Vanish(x, server) }

// pool is an http.Transport with a server. The transport keeps connections for later requests.
type pool struct {
	server    *http.Server
	url       string
	transport *http.Transport
	conns     []*net.TCPConn // the connections that the transport has made
	served    atomic.Int32   // how many requests
	idle      chan net.Conn  // the server's end of a connection whose request is answered
	closed    chan struct{}  // the server has closed a connection
}

func newPool(x *harness.Experiment) *pool {
	p := &pool{idle: make(chan net.Conn, 2), closed: make(chan struct{}, 2)} // room for two connections
	p.server = &http.Server{
		Handler: http.HandlerFunc(func(http.ResponseWriter, *http.Request) { p.served.Add(1) }),
		ConnState: func(conn net.Conn, state http.ConnState) {
			switch state {
			case http.StateIdle:
				p.idle <- conn
			case http.StateClosed:
				p.closed <- struct{}{}
			}
		},
	}
	p.url = "http://" + serveHTTP(x, p.server)
	p.transport = &http.Transport{DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
		conn, err := new(net.Dialer).DialContext(ctx, network, address)
		if err == nil {
			x.Own(conn)
			p.conns = append(p.conns, conn.(*net.TCPConn))
		}
		return conn, err
	}}
	return p
}

// filledPool returns a pool that has kept the connection of a first request. On a busy machine, a transport may close this
// connection instead: maxWriteWaitBeforeConnReuse in net/http's transport.go.
func filledPool(t *testing.T, x *harness.Experiment, method string, header http.Header) *pool {
	t.Helper()
	for {
		p := newPool(x)
		kept := make(chan error, 1)
		trace := &httptrace.ClientTrace{PutIdleConn: func(err error) { kept <- err }}
		require.NoError(t, p.do(httptrace.WithClientTrace(t.Context(), trace), method, header))
		select {
		case err := <-kept:
			require.NoError(t, err)
			return p
		case <-p.closed: // after the transport's FIN
		}
	}
}

// do makes a request, and reads the answer to its end, so that the connection goes back to the pool.
func (p *pool) do(ctx context.Context, method string, header http.Header) error {
	request, err := http.NewRequestWithContext(ctx, method, p.url, strings.NewReader("order"))
	if err != nil {
		return err
	}
	request.Header = header
	response, err := p.transport.RoundTrip(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	_, err = io.Copy(io.Discard, response.Body)
	return err
}
