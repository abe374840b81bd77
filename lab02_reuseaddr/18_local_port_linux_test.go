package lab02_reuseaddr

import (
	"net"
	"net/netip"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"socketlabs/harness"
	"socketlabs/harness/kernel"
	"socketlabs/harness/peer"
)

// TestPortIsChosenAtConnect: with IP_BIND_ADDRESS_NO_PORT, a client can bind its address, and connect chooses the port. One
// port is then enough for connections to several servers. Without the option, bind chooses the port, needs one that no
// other connection has, and fails with EADDRINUSE when none is left.
//
// Claim: Beyond the chapter.
//
// Source: TestClientRunsOutOfPorts shows that net.Dialer binds its LocalAddr without this option.
//
// Predict: the only local port left has a connection to one server; can a net.Dialer with an IP address as LocalAddr dial another server?
//   - [ ] yes
//   - [ ] no: connect fails with EADDRNOTAVAIL
//   - [x] no: bind fails with EADDRINUSE
func TestPortIsChosenAtConnect(t *testing.T) {
	x := harness.Start(t, kernel.PortRanges)
	first, second := peer.ListenNoKeepalive(x).Addr().String(), peer.ListenNoKeepalive(x).Addr().String()
	client := peer.DialNoKeepalive(x, first)
	port := client.LocalAddr().(*net.TCPAddr).Port
	clientFromPort := func(noPort int) (fd int) {
		fd = open(t, x)
		require.NoError(t, unix.SetsockoptInt(fd, unix.IPPROTO_IP, unix.IP_LOCAL_PORT_RANGE, port<<16|port))
		require.NoError(t, unix.SetsockoptInt(fd, unix.IPPROTO_IP, unix.IP_BIND_ADDRESS_NO_PORT, noPort)) // for IPv6 too
		return fd
	}

	x.Step("clients may use one port only, and a client is connected from it; another client binds its address, without a port")
	fd := clientFromPort(0)
	err := unix.Bind(fd, x.Sockaddr(harness.Loopback()))
	x.Outcome(harness.Client, "bind: %v", err)
	assert.ErrorIs(t, err, unix.EADDRINUSE)

	x.Step("with IP_BIND_ADDRESS_NO_PORT, two clients bind their address; one connects to another server, one to the same server")
	fd = clientFromPort(1)
	err = unix.Bind(fd, x.Sockaddr(harness.Loopback()))
	x.Outcome(harness.Client, "bind: %v", err)
	require.NoError(t, err)
	assert.Equal(t, harness.Loopback(), addressOf(t, fd), "no port should be chosen yet")
	err = unix.Connect(fd, x.Sockaddr(second))
	x.Outcome(harness.Client, "connect, to another server: %v", err)
	require.NoError(t, err)
	assert.Equal(t, client.LocalAddr().String(), addressOf(t, fd))
	fd = clientFromPort(1)
	require.NoError(t, unix.Bind(fd, x.Sockaddr(harness.Loopback())))
	err = unix.Connect(fd, x.Sockaddr(first))
	x.Outcome(harness.Client, "connect, to the same server: %v", err)
	assert.ErrorIs(t, err, unix.EADDRNOTAVAIL)
}

// TestPortIsSharedAgainAfterBind: connect can choose one local port for connections to two servers, but not while another
// socket is bound to that port, even on another address. Since Linux 6.18, connect can choose the port again when that
// socket is closed. Before Linux 6.18, connect can't choose it while any connection is still on the port.
//
// Claim: Beyond the chapter.
func TestPortIsSharedAgainAfterBind(t *testing.T) {
	x := harness.Start(t, kernel.PortRanges)
	client := peer.DialNoKeepalive(x, peer.Silent(x))
	_, port, err := net.SplitHostPort(client.LocalAddr().String())
	require.NoError(t, err)
	dialer := net.Dialer{Control: onlyFromPortOf(client)}
	shares := func() result {
		conn, err := dialer.Dial("tcp", peer.Silent(x))
		x.Outcome(harness.Client, "Dial: %v", err)
		if err == nil {
			x.Own(conn)
		}
		return resultOf(err)
	}

	x.Step("clients may use one port only, and a client is connected from it; another client connects to another server")
	require.Equal(t, ok, shares())

	x.Step("a socket is bound to the port, on another address")
	fd, err := unix.Socket(harness.Domain(), unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	require.NoError(t, err)
	require.NoError(t, unix.Bind(fd, x.Sockaddr(net.JoinHostPort(anotherHost(), port))))
	assert.Equal(t, notAvailable, shares())

	x.Step("that socket is closed")
	require.NoError(t, harness.CloseEverywhere(func() error { return unix.Close(fd) }))
	want := notAvailable
	if kernel.IsSince(x, 6, 18) {
		want = ok
	}
	assert.Equal(t, want, shares())
}

// TestAutobindReuseSharesPort: with ip_autobind_reuse = 0, two sockets with SO_REUSEADDR that bind port 0 never get the
// same port: when no port is left, bind fails with EADDRINUSE. With ip_autobind_reuse = 1, the sockets share a port when
// no other is left, and can connect to different servers.
//
// Claim: R1.
// Verdict: holds for a port that the program names; for port 0, only with ip_autobind_reuse.
func TestAutobindReuseSharesPort(t *testing.T) {
	x := harness.Start(t, kernel.PortRanges, kernel.SystemSettings)
	const setting = "ipv4/ip_autobind_reuse" // for IPv6 too
	first, second := peer.Silent(x), peer.Silent(x)
	client := open(t, x)
	require.NoError(t, unix.SetsockoptInt(client, unix.SOL_SOCKET, unix.SO_REUSEADDR, 1))
	require.NoError(t, unix.Bind(client, x.Sockaddr(harness.Loopback())))
	require.NoError(t, unix.Connect(client, x.Sockaddr(first)))
	port := int(netip.MustParseAddrPort(addressOf(t, client)).Port())

	bindFromPort := func() (fd int, err error) {
		fd = open(t, x)
		require.NoError(t, unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_REUSEADDR, 1))
		require.NoError(t, unix.SetsockoptInt(fd, unix.IPPROTO_IP, unix.IP_LOCAL_PORT_RANGE, port<<16|port))
		err = unix.Bind(fd, x.Sockaddr(harness.Loopback()))
		x.Outcome(harness.Client, "bind: %v", err)
		return fd, err
	}

	x.Step("a client binds port 0 with SO_REUSEADDR; another client with SO_REUSEADDR has the only port that is left")
	kernel.SetSystemSetting(x, setting, "0")
	_, err := bindFromPort()
	assert.ErrorIs(t, err, unix.EADDRINUSE)

	x.Step("with ip_autobind_reuse, two clients bind port 0; one connects to another server, one to the same server")
	kernel.SetSystemSetting(x, setting, "1")
	fd, err := bindFromPort()
	require.NoError(t, err)
	assert.Equal(t, addressOf(t, client), addressOf(t, fd))
	err = unix.Connect(fd, x.Sockaddr(second))
	x.Outcome(harness.Client, "connect, to another server: %v", err)
	require.NoError(t, err)
	fd, err = bindFromPort()
	require.NoError(t, err)
	err = unix.Connect(fd, x.Sockaddr(first))
	x.Outcome(harness.Client, "connect, to the same server: %v", err)
	assert.ErrorIs(t, err, unix.EADDRNOTAVAIL)
}
