package peer

import (
	"context"
	"net"

	"github.com/stretchr/testify/require"

	"socketlabs/harness"
	"socketlabs/harness/story"
)

// noKeepalive turns off what Go turns on for every connection: keepalive after 15 s of silence. Keepalive would end
// calls that an experiment wants to see waiting, and its probes would be segments that the experiment did not ask for.
const noKeepalive = -1

func tellNoKeepalive(x *harness.Experiment) {
	x.NoteOnce(story.Event{
		Lane: story.Story, Kind: story.Step,
		Text: "the harness opens connections with keepalive off, which Go turns on by default",
	})
}

// ListenNoKeepalive returns a TCP listener on the loopback. What it accepts has keepalive off. The experiment
// closes it and whatever it accepts.
func ListenNoKeepalive(x *harness.Experiment) *net.TCPListener {
	x.T().Helper()
	return ListenAtNoKeepalive(x, harness.Loopback())
}

// ListenAtNoKeepalive is ListenNoKeepalive for the given address, IPv4 or IPv6.
func ListenAtNoKeepalive(x *harness.Experiment, address string) *net.TCPListener {
	x.T().Helper()
	tellNoKeepalive(x)
	config := net.ListenConfig{KeepAlive: noKeepalive}
	config.SetMultipathTCP(false)
	listener, err := config.Listen(x.T().Context(), "tcp", address)
	require.NoError(x.T(), err)
	x.Own(listener)
	return listener.(*net.TCPListener)
}

// DialNoKeepalive connects to a peer of the harness, with keepalive off, in an experiment that is not about
// connecting.
func DialNoKeepalive(x *harness.Experiment, address string) *net.TCPConn {
	x.T().Helper()
	tellNoKeepalive(x)
	dialer := net.Dialer{KeepAlive: noKeepalive}
	conn, err := dialer.DialContext(x.T().Context(), "tcp", address)
	require.NoError(x.T(), err)
	x.Own(conn)
	return conn.(*net.TCPConn)
}

// PairNoKeepalive returns both ends of a connection, with keepalive off at both. Nothing but the test reads from
// them or writes to them.
func PairNoKeepalive(x *harness.Experiment) (client, server *net.TCPConn) {
	x.T().Helper()
	listener := ListenNoKeepalive(x)
	defer listener.Close()
	client = DialNoKeepalive(x, listener.Addr().String())
	server, err := listener.AcceptTCP()
	require.NoError(x.T(), err)
	x.Own(server)
	return client, server
}

// Serve accepts connections and calls serve for each, in a goroutine of its own. It returns the
// address to connect to. serve returns no error: the test sees, at the other end of the connection, what serve does. serve
// should return when the connection fails.
func Serve(x *harness.Experiment, serve func(context.Context, *net.TCPConn)) (address string) {
	x.T().Helper()
	listener := ListenNoKeepalive(x)
	x.Go(func() {
		for {
			conn, err := listener.AcceptTCP()
			if err != nil {
				return
			}
			x.Own(conn)
			x.Go(func() { serve(x.T().Context(), conn) })
		}
	})
	return listener.Addr().String()
}
