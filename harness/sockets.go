package harness

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"

	"github.com/stretchr/testify/require"

	"socketlabs/harness/timeline"
)

// noKeepalive turns off what Go turns on for every connection: keepalive after 15 s of silence. It would end
// what an experiment wants to see wait, and its probes would be segments that nobody asked for.
const noKeepalive = -1

// tellNoKeepalive says so in the story, once.
func (x *Experiment) tellNoKeepalive() {
	x.noKeepalive.Do(func() {
		x.note(timeline.Story, timeline.Step, "the harness opens connections with keepalive off, which Go turns on by default")
	})
}

// Loopback is the address to listen on: any free port of 127.0.0.1, or of ::1 with LABS_IP=6.
func Loopback() string {
	if setting("LABS_IP") == "6" {
		return "[::1]:0"
	}
	return "127.0.0.1:0"
}

// ListenNoKeepalive returns a TCP listener on the loopback. What it accepts has keepalive off. The experiment
// closes it and whatever it accepts.
func (x *Experiment) ListenNoKeepalive() *net.TCPListener {
	x.t.Helper()
	x.tellNoKeepalive()
	config := net.ListenConfig{KeepAlive: noKeepalive}
	config.SetMultipathTCP(false)
	listener, err := config.Listen(x.t.Context(), "tcp", Loopback())
	require.NoError(x.t, err)
	x.Own(listener)
	return listener.(*net.TCPListener)
}

// DialNoKeepalive connects to a peer of the harness, with keepalive off, in an experiment that is not about
// connecting.
func (x *Experiment) DialNoKeepalive(address string) *net.TCPConn {
	x.t.Helper()
	x.tellNoKeepalive()
	dialer := net.Dialer{KeepAlive: noKeepalive}
	conn, err := dialer.DialContext(x.t.Context(), "tcp", address)
	require.NoError(x.t, err)
	x.Own(conn)
	return conn.(*net.TCPConn)
}

// PairNoKeepalive returns both ends of a connection, with keepalive off at both. Neither does anything that
// the test does not do.
func (x *Experiment) PairNoKeepalive() (client, server *net.TCPConn) {
	x.t.Helper()
	listener := x.ListenNoKeepalive()
	defer listener.Close()
	client = x.DialNoKeepalive(listener.Addr().String())
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
	listener := x.ListenNoKeepalive()
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
	listener := x.ListenNoKeepalive()
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
