package lab01_timeout

import (
	"context"
	"errors"
	"net"
	"net/http"

	"socketlabs/harness"
	"socketlabs/harness/peer"
)

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
