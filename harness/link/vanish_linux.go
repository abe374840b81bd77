package link

import (
	"context"
	"errors"
	"fmt"
	"net"
	"sync"
	"syscall"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"socketlabs/harness"
	"socketlabs/harness/internal/socket"
	"socketlabs/harness/internal/system"
	"socketlabs/harness/peer"
	"socketlabs/harness/story"
	"socketlabs/harness/wire"
)

// A socket can set the smallest TTL that it accepts: IP_MINTTL in ip(7), and IPV6_MINHOPCOUNT. The
// kernel drops segments with a smaller TTL before TCP sees them: no acknowledgment, no reset. Segments
// on the loopback carry the default TTL, 64, so a socket that asks for 255 hears nothing. The option
// needs no privilege.
const (
	deaf    = wire.FromMiddlebox
	hearing = 0
)

// Vanish makes the host of a peer go silent: from now on it hears nothing, and so answers nothing. If
// peer is a listener, no connect is answered.
func Vanish(x *harness.Experiment, peer syscall.Conn) {
	x.T().Helper()
	require.NoError(x.T(), setMinTTL(peer, deaf))
	wire.Deafen(x, peer)
	x.Struck(story.VanishedPeer)
}

// Return brings the host of a vanished peer back, as it was. It hears segments again, including retransmitted ones.
func Return(x *harness.Experiment, peer syscall.Conn) {
	x.T().Helper()
	wire.Hear(x, peer)
	require.NoError(x.T(), setMinTTL(peer, hearing))
	x.Struck(story.Outage)
}

// Reboot makes the host of the peer forget the connection. The survivor does not learn of it: the
// connection is half-open.
func Reboot(x *harness.Experiment, peer, survivor *net.TCPConn) {
	x.T().Helper()
	require.NoError(x.T(), setMinTTL(survivor, wire.OneHop))
	Forget(x, peer)
}

// Forget makes the host of a peer forget the connection. The reset that this sends does not reach a survivor that is
// one hop away.
func Forget(x *harness.Experiment, peer *net.TCPConn) {
	x.T().Helper()
	// These calls follow each other at once: from the first to the last, the peer's answers are lost, as if it had vanished.
	require.NoError(x.T(), harness.CloseEverywhere(func() error {
		err := socket.OnDescriptor(peer, func(fd int) error { return setTTL(fd, 1) })
		return errors.Join(err, peer.SetLinger(0), peer.Close()) // the close sends a reset
	}))
	x.Struck(story.RebootedPeer)
}

// ListenOneHopAway returns a listener that is one hop away from its clients. It is for a server to whose clients Forget
// will be applied.
func ListenOneHopAway(x *harness.Experiment) *net.TCPListener {
	x.T().Helper()
	listener := peer.ListenNoKeepalive(x)
	require.NoError(x.T(), AcceptOneHopAway(listener))
	return listener
}

// AcceptOneHopAway puts a listener one hop away from its clients. It is for a process that has no experiment.
func AcceptOneHopAway(listener *net.TCPListener) error {
	return setMinTTL(listener, wire.OneHop) // accepted connections inherit the option
}

// VanishingClient sends a SYN, and its host vanishes before the answer arrives: the server's kernel
// is left with half a handshake.
func VanishingClient(x *harness.Experiment, address string) {
	dialer := net.Dialer{Control: func(_, _ string, conn syscall.RawConn) error {
		var failed error
		err := conn.Control(func(fd uintptr) { failed = setMinTTLOf(int(fd), deaf) })
		return errors.Join(err, failed)
	}}
	x.Struck(story.VanishedPeer)
	x.Go(func() {
		if conn, err := dialer.DialContext(x.T().Context(), "tcp", address); err == nil {
			x.T().Errorf("a client that hears nothing should not connect to %s, and has connected", address)
			conn.Close()
		}
	})
}

func setMinTTL(conn syscall.Conn, ttl int) error {
	return socket.OnDescriptor(conn, func(fd int) error { return setMinTTLOf(fd, ttl) })
}

func setMinTTLOf(fd, ttl int) error {
	if isIPv6(fd) {
		return unix.SetsockoptInt(fd, unix.IPPROTO_IPV6, unix.IPV6_MINHOPCOUNT, ttl)
	}
	return unix.SetsockoptInt(fd, unix.IPPROTO_IP, unix.IP_MINTTL, ttl)
}

// setTTL limits how many hops the segments of a socket can travel.
func setTTL(fd, ttl int) error {
	if isIPv6(fd) {
		return unix.SetsockoptInt(fd, unix.IPPROTO_IPV6, unix.IPV6_UNICAST_HOPS, ttl)
	}
	return unix.SetsockoptInt(fd, unix.IPPROTO_IP, unix.IP_TTL, ttl)
}

func isIPv6(fd int) bool {
	domain, err := unix.GetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_DOMAIN)
	return err == nil && domain == unix.AF_INET6
}

// vanishingMissing checks once whether IP_MINTTL has an effect here: a kernel may accept the option and
// ignore it, as gVisor does. It does not call Vanish: if Vanish is broken, experiments must fail, and
// not be skipped.
var vanishingMissing = sync.OnceValue(func() string {
	config := net.ListenConfig{}
	config.SetMultipathTCP(false)
	config.Control = func(network, _ string, conn syscall.RawConn) error {
		var failed error
		err := conn.Control(func(fd uintptr) {
			if network == "tcp6" {
				failed = unix.SetsockoptInt(int(fd), unix.IPPROTO_IPV6, unix.IPV6_MINHOPCOUNT, 255)
			} else {
				failed = unix.SetsockoptInt(int(fd), unix.IPPROTO_IP, unix.IP_MINTTL, 255)
			}
		})
		return errors.Join(err, failed)
	}
	listener, err := config.Listen(context.Background(), "tcp", harness.Loopback())
	if err != nil {
		return fmt.Sprintf("this kernel does not take IP_MINTTL (%v); "+system.OnLinux, err)
	}
	defer listener.Close()
	switch err := connectBeforeOthers(listener.(*net.TCPListener)); err {
	case unix.EALREADY:
		return ""
	case nil, unix.EISCONN:
		return "this kernel takes IP_MINTTL and ignores it, or its default TTL is 255; " + system.OnLinux
	default:
		return fmt.Sprintf("a connection that should go unanswered fails: %v; %s", err, system.OnLinux)
	}
})

// connectBeforeOthers begins to connect to listener, and then makes several connections elsewhere, which are answered.
// Then it calls connect(2) on the first socket again, and returns that error: EALREADY if there was no answer. So it
// needs no timeout, which a busy machine could exceed.
func connectBeforeOthers(listener *net.TCPListener) error {
	const others = 10 // one after the other: that takes far longer than a handshake on the loopback
	var address unix.Sockaddr
	if err := socket.OnDescriptor(listener, func(fd int) (err error) {
		address, err = unix.Getsockname(fd)
		return err
	}); err != nil {
		return err
	}
	fd, err := unix.Socket(harness.Domain(), unix.SOCK_STREAM|unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return err
	}
	defer unix.Close(fd)
	if err := unix.Connect(fd, address); err != unix.EINPROGRESS {
		return err
	}
	elsewhere, err := net.Listen("tcp", harness.Loopback())
	if err != nil {
		return err
	}
	defer elsewhere.Close()
	for range others {
		conn, err := net.Dial("tcp", elsewhere.Addr().String())
		if err != nil {
			return err
		}
		defer conn.Close()
	}
	return unix.Connect(fd, address)
}
