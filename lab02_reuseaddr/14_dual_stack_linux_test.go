package lab02_reuseaddr

import (
	"errors"
	"fmt"
	"net"
	"strconv"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"socketlabs/harness"
	"socketlabs/harness/peer"
)

// place is where a Go server listens: what it passes to net.Listen, without the port.
type place struct{ network, host string }

var (
	everywhere = place{"tcp", ""}          // the wildcard of both families: dual stack
	zeros      = place{"tcp", "0.0.0.0"}   // the same: Go treats it as the wildcard of both families
	allOfIPv4  = place{"tcp4", "0.0.0.0"}  // the wildcard of IPv4
	allOfIPv6  = place{"tcp6", "::"}       // the wildcard of IPv6
	oneOfIPv4  = place{"tcp", "127.0.0.1"} // the loopback of IPv4
	oneOfIPv6  = place{"tcp", "::1"}       // the loopback of IPv6
)

func (p place) String() string { return p.network + " " + net.JoinHostPort(p.host, "port") }

// The result of Listen for the second of two listeners on one port, with SO_REUSEADDR on both. The listeners conflict if
// there is an address on which both would listen.
var families = []struct {
	first, second place // in either order
	listen        result
}{
	{everywhere, everywhere, inUse},
	{everywhere, allOfIPv4, inUse},
	{everywhere, allOfIPv6, inUse},
	{everywhere, zeros, inUse},
	{everywhere, oneOfIPv4, inUse},
	{everywhere, oneOfIPv6, inUse},
	{allOfIPv4, allOfIPv4, inUse},
	{allOfIPv4, allOfIPv6, ok},
	{allOfIPv4, zeros, inUse},
	{allOfIPv4, oneOfIPv4, inUse},
	{allOfIPv4, oneOfIPv6, ok},
	{allOfIPv6, allOfIPv6, inUse},
	{allOfIPv6, zeros, inUse},
	{allOfIPv6, oneOfIPv4, ok},
	{allOfIPv6, oneOfIPv6, inUse},
	{zeros, zeros, inUse},
	{zeros, oneOfIPv4, inUse},
	{zeros, oneOfIPv6, inUse},
	{oneOfIPv4, oneOfIPv4, inUse},
	{oneOfIPv4, oneOfIPv6, ok},
	{oneOfIPv6, oneOfIPv6, inUse},
}

// TestFamiliesShareAPort: an IPv4 listener and an IPv6 listener can share a port, even if both have a wildcard
// address. A dual-stack listener, which Go opens for "tcp" and a wildcard, shares its port with neither, in spite of SO_REUSEADDR.
//
// Claim: R7.
// Verdict: holds within each address family; on one port, one socket can listen for IPv4 and another for IPv6.
//
// Predict: a server in Go listens on "tcp", "0.0.0.0:8080"; can another listen on "tcp6", "[::1]:8080"?
//   - [ ] yes: they are of two families
//   - [x] no: for "tcp", Go treats 0.0.0.0 as the wildcard of both families
//   - [ ] yes, but it gets nothing
func TestFamiliesShareAPort(t *testing.T) {
	t.Parallel()
	for _, row := range families {
		for _, order := range [][2]place{{row.first, row.second}, {row.second, row.first}} {
			t.Run(fmt.Sprintf("%v/%v", order[0], order[1]), func(t *testing.T) {
				x := harness.Start(t, harness.Linux, harness.BothFamilies)
				first := listenAt(t, x, order[0])
				_, port, err := net.SplitHostPort(first.Addr().String())
				require.NoError(t, err)
				second, err := net.Listen(order[1].network, net.JoinHostPort(order[1].host, port))
				x.Outcome(harness.Server, "Listen on %v beside %v: %v", order[1], order[0], err)
				if err == nil {
					x.Own(second)
				}
				assert.Equal(t, row.listen, resultOf(err))
			})
			if row.first == row.second {
				break
			}
		}
	}
}

// TestFamilyDecidesWhoIsServed: if an IPv4 server and an IPv6 server share a port, the family of the address that a client
// dials decides which server the client reaches. With IPV6_V6ONLY off, an IPv6 listener serves the clients of both
// families.
//
// Claim: Beyond the chapter.
func TestFamilyDecidesWhoIsServed(t *testing.T) {
	x := harness.Start(t, harness.Linux, harness.BothFamilies)
	type service struct {
		v6Only     int  // IPV6_V6ONLY of the listener
		ipv4, ipv6 bool // whether clients that dial such an address are served
	}
	for _, server := range []struct {
		at   place
		want service
	}{
		{everywhere, service{v6Only: 0, ipv4: true, ipv6: true}},
		{zeros, service{v6Only: 0, ipv4: true, ipv6: true}},
		{allOfIPv6, service{v6Only: 1, ipv4: false, ipv6: true}},
		{oneOfIPv6, service{v6Only: 1, ipv4: false, ipv6: true}}, // bind turns IPV6_V6ONLY on for a specific address
	} {
		x.Step("a server listens on %v; two clients connect", server.at)
		listener := listenAt(t, x, server.at)
		raw, err := listener.SyscallConn()
		require.NoError(t, err)
		var got service
		require.NoError(t, raw.Control(func(fd uintptr) {
			got.v6Only, err = unix.GetsockoptInt(int(fd), unix.IPPROTO_IPV6, unix.IPV6_V6ONLY)
		}))
		require.NoError(t, err)
		port := strconv.Itoa(listener.Addr().(*net.TCPAddr).Port)
		got.ipv4, got.ipv6 = isReached(t, x, "127.0.0.1", port), isReached(t, x, "::1", port)
		assert.Empty(t, cmp.Diff(server.want, got, cmp.AllowUnexported(service{})), "a listener on %v (-want +got)", server.at)
	}

	x.Step("two servers have one port: one for IPv4 and one for IPv6")
	ipv4 := listenAt(t, x, allOfIPv4)
	port := strconv.Itoa(ipv4.Addr().(*net.TCPAddr).Port)
	ipv6, err := net.Listen(allOfIPv6.network, net.JoinHostPort(allOfIPv6.host, port))
	require.NoError(t, err)
	x.Own(ipv6)
	for client, server := range map[string]net.Listener{"127.0.0.1": ipv4, "::1": ipv6} {
		require.True(t, isReached(t, x, client, port))
		conn, err := server.Accept()
		require.NoError(t, err)
		x.Own(conn)
		assert.Equal(t, client, conn.LocalAddr().(*net.TCPAddr).IP.String())
	}
}

// listenAt listens on a port that is free in both families.
func listenAt(t *testing.T, x *harness.Experiment, at place) *net.TCPListener {
	t.Helper()
	config := net.ListenConfig{}
	config.SetMultipathTCP(false) // a Multipath TCP socket does not report what bind has set
	for {
		listener, err := config.Listen(t.Context(), at.network, net.JoinHostPort(at.host, strconv.Itoa(int(peer.ReservedPort()))))
		if !errors.Is(err, unix.EADDRINUSE) {
			require.NoError(t, err)
			x.Own(listener)
			return listener.(*net.TCPListener)
		}
	}
}

// isReached reports whether a client can connect to the port of the host.
func isReached(t *testing.T, x *harness.Experiment, host, port string) bool {
	t.Helper()
	client, err := net.Dial("tcp", net.JoinHostPort(host, port))
	x.Outcome(harness.Client, "Dial to %s: %v", host, err)
	if err != nil {
		require.ErrorIs(t, err, unix.ECONNREFUSED)
		return false
	}
	x.Own(client)
	return true
}
