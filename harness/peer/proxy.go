package peer

import (
	"io"
	"net"

	"socketlabs/harness"
	"socketlabs/harness/story"
)

// Proxy is between a client and a server. It has a connection to each, and forwards what arrives on one of them to the
// other: the data, and the FIN. The client's connection ends at the proxy.
type Proxy struct {
	ToClient, ToServer *net.TCPConn
}

// PairBehindProxyNoKeepalive returns a client and a server that reach each other through a proxy, with keepalive off
// at all four ends.
func PairBehindProxyNoKeepalive(x *harness.Experiment) (client *net.TCPConn, between Proxy, server *net.TCPConn) {
	x.T().Helper()
	client, between.ToClient = PairNoKeepalive(x)
	between.ToServer, server = PairNoKeepalive(x)
	x.Note(story.Event{Lane: story.Middle, Kind: story.Outcome, Text: "a proxy joins two connections: client – proxy – server"})
	x.Go(func() { forward(between.ToClient, between.ToServer) })
	x.Go(func() { forward(between.ToServer, between.ToClient) })
	return client, between, server
}

func forward(from, to *net.TCPConn) {
	if _, err := io.Copy(to, from); err != nil {
		from.Close() // one of the two connections has failed
		to.Close()
		return
	}
	to.CloseWrite()
}
