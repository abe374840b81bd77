package lab02_reuseaddr

import (
	"net"
	"strconv"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"socketlabs/harness"
)

// 224.0.0.254 is for experiments, and no router forwards it: RFC 4727, section 2.4.2.
var experimentalGroup = net.IPv4(224, 0, 0, 254)

// TestUDPSocketsShareAPort: with SO_REUSEADDR, two unconnected UDP sockets can share an address and port. On Linux,
// the socket that was bound last receives every unicast datagram until it is closed.
//
// Claim: R8.
// Verdict: does not hold: UDP has no TIME_WAIT, and here the option lets a socket take a port, and the datagrams sent to
// it, from an open socket.
//
// Predict: two UDP sockets share a port with SO_REUSEADDR; 20 unicast datagrams arrive; which socket receives them?
//   - [ ] both: each receives all of them
//   - [ ] both: each receives about ten
//   - [ ] the one that was bound first
//   - [x] the one that was bound last
func TestUDPSocketsShareAPort(t *testing.T) {
	x := harness.Start(t)
	const datagrams = 20
	var sharing net.ListenConfig
	sharing.Control = func(_, _ string, conn syscall.RawConn) (err error) {
		conn.Control(func(fd uintptr) {
			err = unix.SetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_REUSEADDR, 1)
		})
		return err
	}
	listen := func(address string) net.PacketConn {
		conn, err := sharing.ListenPacket(t.Context(), "udp", address)
		require.NoError(t, err)
		x.Own(conn)
		return conn
	}

	x.Step("a socket with SO_REUSEADDR is bound; then one without the option and one with it try to bind the same port")
	first := listen(harness.Loopback())
	address := first.LocalAddr().String()
	_, err := net.ListenPacket("udp", address)
	x.Outcome(harness.Server, "bind without the option: %v", err)
	assert.ErrorIs(t, err, syscall.EADDRINUSE)
	last := listen(address)

	x.Step("%d clients send a datagram each", datagrams)
	send := func(text string) {
		client, err := net.Dial("udp", address)
		require.NoError(t, err)
		defer client.Close()
		_, err = client.Write([]byte(text))
		require.NoError(t, err)
	}
	for range datagrams {
		send("to both?")
	}
	buf := make([]byte, 100)
	for range datagrams {
		_, _, err := last.ReadFrom(buf)
		require.NoError(t, err)
	}
	x.Outcome(harness.Server, "the socket bound last has received all of them")

	x.Step("the socket bound last is closed, and one more datagram is sent")
	require.NoError(t, harness.CloseEverywhere(last.Close))
	send("to the first")
	n, _, err := first.ReadFrom(buf)
	require.NoError(t, err)
	x.Outcome(harness.Server, "the first thing that the first socket receives: %q", buf[:n])
	assert.Equal(t, "to the first", string(buf[:n]))
}

// TestMulticastReachesAllWhoShareThePort: a datagram to a multicast group reaches every socket that has joined
// the group and shares its port with SO_REUSEADDR. Go sets this option for multicast sockets.
//
// Claim: R8.
// Verdict: does not hold: with UDP, the option lets several programs on one host receive the datagrams of one group.
func TestMulticastReachesAllWhoShareThePort(t *testing.T) {
	x := harness.Start(t, harness.LoopbackMulticast)
	loopback, err := net.InterfaceByName("lo")
	require.NoError(t, err)
	group := &net.UDPAddr{IP: experimentalGroup}
	var members []*net.UDPConn
	for range 3 {
		member, err := net.ListenMulticastUDP("udp4", loopback, group)
		require.NoError(t, err)
		x.Own(member)
		assert.Equal(t, 1, reuseAddrOf(t, member), "Go should set SO_REUSEADDR for multicast sockets")
		members = append(members, member)
		group.Port = member.LocalAddr().(*net.UDPAddr).Port // the first socket gets any port, and the others get the same port
	}

	_, err = net.ListenPacket("udp4", net.JoinHostPort("0.0.0.0", strconv.Itoa(group.Port)))
	x.Outcome(harness.Server, "bind without the option: %v", err)
	assert.ErrorIs(t, err, syscall.EADDRINUSE)

	x.Step("one datagram is sent to the group, by way of the loopback")
	sender, err := net.ListenPacket("udp4", "127.0.0.1:0")
	require.NoError(t, err)
	x.Own(sender)
	raw, err := sender.(*net.UDPConn).SyscallConn()
	require.NoError(t, err)
	require.NoError(t, raw.Control(func(fd uintptr) {
		err = unix.SetsockoptInet4Addr(int(fd), unix.IPPROTO_IP, unix.IP_MULTICAST_IF, [4]byte{127, 0, 0, 1})
		require.NoError(t, err)
		by, err := unix.GetsockoptInet4Addr(int(fd), unix.IPPROTO_IP, unix.IP_MULTICAST_IF)
		require.NoError(t, err)
		require.Equal(t, [4]byte{127, 0, 0, 1}, by,
			"IP_MULTICAST_IF should be the loopback's address: otherwise the datagram takes the route for multicast, if there is one")
	}))
	_, err = sender.WriteTo([]byte("to all"), group)
	require.NoError(t, err)

	for i, member := range members {
		buf := make([]byte, 100)
		n, _, err := member.ReadFrom(buf)
		x.Outcome(harness.Server, "member %d receives %q, %v", i+1, buf[:n], err)
		assert.NoError(t, err)
		assert.Equal(t, "to all", string(buf[:n]))
	}
}
