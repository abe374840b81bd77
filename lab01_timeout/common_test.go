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

// The dripping peer of these experiments sends drippedText one byte at a time, with a pause between two bytes. The whole
// text takes inAll, which is longer than perCall, the timeout of one call. perCall is much longer than a pause, so even on
// a busy machine no call times out.
const (
	drippedText = "0123456789"
	dripPause   = 250 * time.Millisecond
	inAll       = time.Duration(len(drippedText)-1) * dripPause
	perCall     = 2 * time.Second
)

// endlessText takes over a minute to drip: no experiment lasts that long.
var endlessText = strings.Repeat(drippedText, 30)

// The zero time clears a deadline. A time in the past is a deadline that has already passed.
var (
	noDeadline time.Time
	inThePast  = time.Unix(1, 0)
)

// moreThanBuffersHold is more bytes than the sender's send buffer and the peer's receive buffer hold together. By default, they
// hold a few MiB at most (tcp_wmem and tcp_rmem in tcp(7)), and the receive buffer does not grow while nobody reads.
const moreThanBuffersHold = 32 << 20

// fillTime is long enough for the kernel to take as many bytes as it can, even on a busy machine.
const fillTime = 2 * time.Second

// afterPart calls then, once a part of a message has been read. A client that sets its deadline then has read that part in
// time, even on a busy machine.
type afterPart struct {
	net.Conn
	left int // bytes of the part that are not read yet
	then func() error
}

func (c *afterPart) Read(buf []byte) (int, error) {
	n, err := c.Conn.Read(buf)
	if c.left > 0 {
		c.left -= n
		if c.left <= 0 {
			err = errors.Join(err, c.then())
		}
	}
	return n, err
}

// isOurTimeout reports whether one of Go's timeouts has ended a call. In a dial, the dialer's context and Go's poller
// each have a timer for the same time. The first timer to fire decides the error: usually the context's timer, and on a
// busy machine sometimes the poller's.
func isOurTimeout(err error) bool {
	return errors.Is(err, context.DeadlineExceeded) || errors.Is(err, os.ErrDeadlineExceeded)
}

// serveHTTP runs the test's HTTP server on the loopback until the experiment ends, and returns the server's address.
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

// get makes a whole exchange: it sends a request, and reads the response with its body.
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
