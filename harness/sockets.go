package harness

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"

	"github.com/stretchr/testify/require"
)

// noKeepalive for connections of the harness: Go turns keepalive on by itself, and it would end
// what an experiment wants to see wait. Keepalive is the subject of Lab 3.
const noKeepalive = -1

// Loopback is the address to listen on: any free port of 127.0.0.1, or of ::1 with LABS_IP=6.
func Loopback() string {
	if setting("LABS_IP") == "6" {
		return "[::1]:0"
	}
	return "127.0.0.1:0"
}

// Listen returns a TCP listener on the loopback. The experiment closes it and whatever it accepts.
func (x *Experiment) Listen() *net.TCPListener {
	x.t.Helper()
	config := net.ListenConfig{KeepAlive: noKeepalive}
	config.SetMultipathTCP(false)
	listener, err := config.Listen(x.t.Context(), "tcp", Loopback())
	require.NoError(x.t, err)
	x.Own(listener)
	return listener.(*net.TCPListener)
}

// Dial connects to a peer of the harness, in an experiment that is not about connecting.
func (x *Experiment) Dial(address string) *net.TCPConn {
	x.t.Helper()
	dialer := net.Dialer{KeepAlive: noKeepalive}
	conn, err := dialer.DialContext(x.t.Context(), "tcp", address)
	require.NoError(x.t, err)
	x.Own(conn)
	return conn.(*net.TCPConn)
}

// Pair returns both ends of a connection. Neither does anything that the test does not do.
func (x *Experiment) Pair() (client, server *net.TCPConn) {
	x.t.Helper()
	listener := x.Listen()
	defer listener.Close()
	client = x.Dial(listener.Addr().String())
	server, err := listener.AcceptTCP()
	require.NoError(x.t, err)
	x.Own(server)
	return client, server
}

// Own makes the experiment close what the test has opened. A TCP connection is ended by a reset
// (SO_LINGER 0), which leaves nothing behind in the kernel, whatever its peer does.
func (x *Experiment) Own(opened io.Closer) {
	x.claim(opened)
	x.owns(func() {
		if conn, ok := opened.(*net.TCPConn); ok {
			conn.SetLinger(0)
		}
		opened.Close()
	})
}

// Serve accepts connections and gives each to serve, in a goroutine of its own. It returns the
// address to connect to. What serve has to say is told by what it does on the connection; it
// should return when the connection fails.
func (x *Experiment) Serve(serve func(context.Context, *net.TCPConn)) (address string) {
	x.t.Helper()
	listener := x.Listen()
	x.work.Go(func() {
		for {
			conn, err := listener.AcceptTCP()
			if err != nil {
				return
			}
			x.Own(conn)
			x.work.Go(func() { serve(x.t.Context(), conn) })
		}
	})
	return listener.Addr().String()
}

// ServeHTTP runs the test's HTTP server on the loopback until the experiment ends, and returns its
// address.
func (x *Experiment) ServeHTTP(server *http.Server) (address string) {
	x.t.Helper()
	listener := x.Listen()
	x.Own(server)
	server.ConnContext = func(ctx context.Context, conn net.Conn) context.Context {
		x.Own(conn)
		return ctx
	}
	x.work.Go(func() {
		if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) && !errors.Is(err, net.ErrClosed) {
			x.t.Errorf("the HTTP server ended: %v", err)
		}
	})
	return listener.Addr().String()
}
