package lab01_timeout

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"time"

	"socketlabs/harness"
	"socketlabs/harness/peer"
)

// The dripping peer of these experiments is never silent for long, but the whole takes time. The time for each
// call is long enough for a busy machine, and still shorter than the whole.
const (
	drippedText = "0123456789"
	dripPause   = 250 * time.Millisecond
	inAll       = time.Duration(len(drippedText)-1) * dripPause
	perCall     = 2 * time.Second
)

// endlessText takes over a minute to drip: no experiment lasts to its end.
var endlessText = strings.Repeat(drippedText, 30)

// The zero time takes a deadline away; any moment in the past is a deadline that has expired.
var (
	noDeadline time.Time
	inThePast  = time.Unix(1, 0)
)

// Both kernels together buffer a few MiB at most by default: tcp_wmem and tcp_rmem in tcp(7). The reader's
// buffer does not grow while nobody reads.
const moreThanBuffersHold = 32 << 20

// Long enough for the kernel to take what it can, even on a busy machine.
const fillTime = 1 * time.Second

// isOurTimeout reports whether a timeout of Go's has ended a call. In a dial, the dialer's context and Go's poller
// watch the same moment, and the first of them to fire decides the error: usually the context; on a busy machine, the
// poller.
func isOurTimeout(err error) bool {
	return errors.Is(err, context.DeadlineExceeded) || errors.Is(err, os.ErrDeadlineExceeded)
}

// serveHTTP runs the test's HTTP server on the loopback until the experiment ends, and returns its
// address.
func serveHTTP(x *harness.Experiment, server *http.Server) (address string) {
	x.T().Helper()
	listener := peer.ListenNoKeepalive(x)
	x.Own(server)
	server.ConnContext = func(ctx context.Context, conn net.Conn) context.Context {
		x.Own(conn)
		return ctx
	}
	x.Go(func() {
		if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) && !errors.Is(err, net.ErrClosed) {
			x.T().Errorf("the HTTP server ended: %v", err)
		}
	})
	return listener.Addr().String()
}

// get makes a whole exchange with a client of its own: request, header and body.
func get(ctx context.Context, client http.Client, url string) (body []byte, err error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return nil, err
	}
	response, err := client.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	return io.ReadAll(response.Body)
}
