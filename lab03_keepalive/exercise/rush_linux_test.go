package exercise_test

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"sync"
	"syscall"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"socketlabs/harness/grading"
	"socketlabs/harness/story"
)

// closeInRush closes the listener while clients connect. What a client sees is not judged: if the listener is closed during
// the handshake, the client may not learn of it, and so have a connection that nobody serves. It calls returned when Serve has
// returned.
func (s *serving) closeInRush(returned func()) {
	s.g.T().Helper()
	const most = 100
	s.g.Step("the listener is closed while clients connect")
	var coming sync.WaitGroup
	var clients []net.Conn // those that have connected; they stay
	first := make(chan struct{})
	oneHasCome := sync.OnceFunc(func() { close(first) })
	coming.Go(func() {
		defer oneHasCome()
		for range most {
			client, err := net.DialTimeout("tcp", s.at.Address, grading.Patience)
			if err != nil {
				return // nobody listens any more
			}
			clients = append(clients, client)
			oneHasCome()
		}
	})
	<-first
	s.close()
	returned()
	held := s.awaitHeld(0, grading.Patience)
	coming.Wait()
	for _, client := range clients {
		client.Close()
	}
	s.g.Expect(held == 0, grading.Finding{
		Sentence: "nothing-left",
		Mistake:  "Serve has returned, and has left a connection open that it had just accepted",
		Expected: "all connections are closed",
		Seen:     story.Count(held, "descriptor"),
		Read:     "lab03_keepalive/TestKeepaliveFreesHalfOpenConnections",
	})
}

// stopAtTwoAddresses closes the listener of a server that listens on all addresses. Its two clients have the same address
// and port: they have connected to two addresses of the server.
func stopAtTwoAddresses(g *grading.Grader) {
	g.T().Helper()
	if !slices.ContainsFunc(grading.Hosts(), netip.Addr.Is4) {
		return // only IPv4 has many loopback addresses
	}
	g.Step("a server listens on all addresses; two clients with the same address and port connect to two of them; the listener is closed")
	s := &serving{g: g, silence: 10 * time.Minute}
	g.Prepare("opening a listener", func() {
		s.at = listen.On(g, whereToListen{Address: netip.AddrPortFrom(netip.IPv4Unspecified(), 0).String(), Keepalive: none})
	})
	require.NoError(g.T(), s.at.Err.Err())
	s.serve()
	port := netip.MustParseAddrPort(s.at.Address).Port()
	dialer := net.Dialer{KeepAlive: -1, Timeout: grading.Patience, Control: reuseAddress, LocalAddr: &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1)}}
	var clients []*net.TCPConn
	for last := byte(1); last <= 2; last++ {
		server := netip.AddrPortFrom(netip.AddrFrom4([4]byte{127, 0, 0, last}), port)
		client, err := dialer.DialContext(g.T().Context(), "tcp", server.String())
		require.NoError(g.T(), err)
		g.Own(client)
		dialer.LocalAddr = client.LocalAddr()
		clients = append(clients, client.(*net.TCPConn))
		_, err = s.ask(client.(*net.TCPConn))
		g.Expect(err == nil, grading.Finding{
			Sentence: "echo",
			Mistake:  "a client of a server that listens on all addresses does not get back what it has sent",
			Expected: "the ten letters that it has sent",
			Seen:     fmt.Sprint(err),
			Read:     "lab03_keepalive/TestKeepaliveFreesHalfOpenConnections",
		})
	}
	_, err := s.ask(clients[0])
	g.Expect(err == nil, grading.Finding{
		Sentence: "many",
		Mistake:  "a client is not served any more when a second one, with the same address and port, has connected to another address",
		Expected: "the ten letters that it has sent",
		Seen:     fmt.Sprint(err),
		Read:     "lab03_keepalive/TestKeepaliveFreesHalfOpenConnections",
	})
	s.judgeMapped(clients[0])
	s.close()
	s.ends(clients).judge()
}

// judgeMapped judges the options of the server's end of a client's connection. If the server listens on all addresses of
// IPv6 and of IPv4, the server's end has IPv4-mapped addresses.
func (s *serving) judgeMapped(client *net.TCPConn) {
	s.g.T().Helper()
	at := netip.MustParseAddrPort(s.at.Address)
	seen := func(by net.Addr) string { // the server
		is := by.(*net.TCPAddr).AddrPort()
		if at.Addr().Is6() {
			is = netip.AddrPortFrom(netip.AddrFrom16(is.Addr().As16()), is.Port())
		}
		return is.String()
	}
	mapped := *s
	mapped.at.Address = seen(client.RemoteAddr())
	mapped.judgeSettings(seen(client.LocalAddr()))
}

// reuseAddress lets two connections have the same local address.
func reuseAddress(_, _ string, raw syscall.RawConn) error {
	var refused error
	err := raw.Control(func(fd uintptr) { refused = unix.SetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_REUSEADDR, 1) })
	return errors.Join(err, refused)
}
