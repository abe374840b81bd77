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

// closeInRush closes the listener while clients come. What a client sees is not judged: one whose handshake was under way as
// the listener was closed may hear nothing of it, and believe itself connected.
func (s *serving) closeInRush() {
	s.g.T().Helper()
	const most = 100
	s.g.Step("the listener is closed while clients come")
	var coming sync.WaitGroup
	var clients []net.Conn // which stay
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
	held := s.awaitHeld(0, grading.Patience)
	coming.Wait()
	for _, client := range clients {
		client.Close()
	}
	s.g.Expect(held == 0, grading.Finding{
		Sentence: "nothing-left",
		Mistake:  "Serve has returned, and has left a connection open that it had just accepted",
		Expected: "all of them are closed",
		Seen:     story.Count(held, "descriptor"),
		Read:     "lab03_keepalive/TestKeepaliveFreesHalfOpenConnections",
	})
}

// stopAtTwoAddresses closes the listener of a server at all addresses, which has two clients of the same address: they
// have connected to two of the server's.
func stopAtTwoAddresses(g *grading.Grader) {
	g.T().Helper()
	if !slices.ContainsFunc(grading.Hosts(), netip.Addr.Is4) {
		return // only IPv4 has many addresses of this machine
	}
	g.Step("a server begins at all addresses; two clients of the same address and port connect, to two of them; the listener is closed")
	s := &serving{g: g, silence: 10 * time.Minute}
	g.Prepare("a listener", func() {
		s.at = listen.On(g, whereToListen{netip.AddrPortFrom(netip.IPv4Unspecified(), 0).String(), none})
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
			Mistake:  "a client of a server at all addresses does not get back what it has said",
			Expected: "ten letters",
			Seen:     fmt.Sprint(err),
			Read:     "lab03_keepalive/TestKeepaliveFreesHalfOpenConnections",
		})
	}
	s.close()
	s.ends(clients).judge()
}

// reuseAddress lets two connections have the same address.
func reuseAddress(_, _ string, raw syscall.RawConn) error {
	var refused error
	err := raw.Control(func(fd uintptr) { refused = unix.SetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_REUSEADDR, 1) })
	return errors.Join(err, refused)
}
