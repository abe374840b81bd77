package exercise_test

import (
	"errors"
	"io"
	"net"
	"net/netip"
	"syscall"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"socketlabs/harness"
	"socketlabs/harness/kernel"
	"socketlabs/harness/link"
	"socketlabs/harness/peer"
)

// states bring a connection into a state at an address of a host, where nobody listens.
var states = map[kernel.SocketState]func(w *holders, host netip.Addr) netip.AddrPort{
	kernel.SynSent:     (*holders).connects,
	kernel.Established: ending(kernel.Established, func(*holders, *net.TCPConn, *net.TCPConn) {}),
	kernel.FinWait1: ending(kernel.FinWait1, func(w *holders, client, server *net.TCPConn) {
		link.Vanish(w.g.Experiment, client)
		require.NoError(w.g.T(), server.CloseWrite())
	}),
	kernel.FinWait2: ending(kernel.FinWait2, func(w *holders, _, server *net.TCPConn) {
		require.NoError(w.g.T(), server.Close())
	}),
	kernel.CloseWait: ending(kernel.CloseWait, func(w *holders, client, _ *net.TCPConn) {
		require.NoError(w.g.T(), client.CloseWrite())
	}),
	kernel.LastAck: ending(kernel.LastAck, func(w *holders, client, server *net.TCPConn) {
		require.NoError(w.g.T(), client.CloseWrite())
		kernel.AwaitConnection(w.g.Experiment, server.LocalAddr().String(), server.RemoteAddr().String(), kernel.CloseWait)
		link.Vanish(w.g.Experiment, client)
		require.NoError(w.g.T(), server.CloseWrite())
	}),
	// Both close, and the FIN of one reaches the other, whose own is never acknowledged.
	kernel.Closing: ending(kernel.Closing, func(w *holders, client, server *net.TCPConn) {
		link.Vanish(w.g.Experiment, client)
		link.Vanish(w.g.Experiment, server)
		require.NoError(w.g.T(), client.CloseWrite())
		require.NoError(w.g.T(), server.CloseWrite())
		link.Return(w.g.Experiment, server)
	}),
}

// ending makes a connection of a server that listens no more, and brings its end into a state.
func ending(state kernel.SocketState, bring func(w *holders, client, server *net.TCPConn)) func(*holders, netip.Addr) netip.AddrPort {
	return func(w *holders, host netip.Addr) netip.AddrPort {
		w.g.T().Helper()
		listener := w.listen(host)
		client, server := connect(w.g, listener)
		local, remote := server.LocalAddr().String(), server.RemoteAddr().String()
		require.NoError(w.g.T(), listener.Close())
		bring(w, client, server)
		kernel.AwaitConnection(w.g.Experiment, local, remote, state)
		return addressOf(listener.Addr())
	}
}

// connects: a client from the address gets no answer.
func (w *holders) connects(host netip.Addr) netip.AddrPort {
	w.g.T().Helper()
	silent := peer.ListenAtNoKeepalive(w.g.Experiment, netip.AddrPortFrom(host, 0).String())
	peer.FillBacklog(w.g.Experiment, silent)
	address := peer.ReservedAddressAt(w.g.Experiment, host)
	w.g.Begin(harness.Client, "Dial", func() error {
		dialer := net.Dialer{LocalAddr: net.TCPAddrFromAddrPort(address)}
		_, err := dialer.DialContext(w.g.T().Context(), "tcp", silent.Addr().String())
		return err
	})
	kernel.AwaitConnection(w.g.Experiment, address.String(), silent.Addr().String(), kernel.SynSent)
	return address
}

// halfOpen adds an entry in SYN_RECV: a listener with TCP_DEFER_ACCEPT has no connection before the client has said
// something.
func (w *holders) halfOpen(listener *net.TCPListener) {
	w.g.T().Helper()
	raw, err := listener.SyscallConn()
	require.NoError(w.g.T(), err)
	var failed error
	require.NoError(w.g.T(), raw.Control(func(fd uintptr) {
		failed = unix.SetsockoptInt(int(fd), unix.IPPROTO_TCP, unix.TCP_DEFER_ACCEPT, 60)
	}))
	require.NoError(w.g.T(), failed)
	client := peer.DialNoKeepalive(w.g.Experiment, listener.Addr().String())
	kernel.AwaitConnection(w.g.Experiment, listener.Addr().String(), client.LocalAddr().String(), kernel.SynReceived)
}

// besideTimeWait leaves connections at an address of which the table has one in a state first. The order is the
// kernel's: it changes from port to port.
func (w *holders) besideTimeWait(host netip.Addr, first kernel.SocketState) netip.AddrPort {
	w.g.T().Helper()
	for {
		listener := w.listen(host)
		connect(w.g, listener)
		w.leaveTimeWait(listener)
		require.NoError(w.g.T(), listener.Close())
		address := addressOf(listener.Addr())
		if at := socketsAt(w.g, address); len(at) == 2 && at[0].State == first {
			return address
		}
	}
}

// listen listens at a port of a host's that no system hands out.
func (w *holders) listen(host netip.Addr) *net.TCPListener {
	w.g.T().Helper()
	for {
		listener, err := w.tryToListen(netip.AddrPortFrom(host, peer.ReservedPort()))
		if !errors.Is(err, syscall.EADDRINUSE) {
			require.NoError(w.g.T(), err)
			return listener
		}
	}
}

func (w *holders) listenAt(address netip.AddrPort) *net.TCPListener {
	w.g.T().Helper()
	listener, err := w.tryToListen(address)
	require.NoError(w.g.T(), err)
	return listener
}

func (w *holders) tryToListen(address netip.AddrPort) (*net.TCPListener, error) {
	network := "tcp" // 0.0.0.0 would be both families
	if address.Addr().Is4() {
		network = "tcp4"
	}
	config := net.ListenConfig{KeepAlive: -1}
	config.SetMultipathTCP(false)
	listener, err := config.Listen(w.g.T().Context(), network, address.String())
	if err != nil {
		return nil, err
	}
	w.g.Own(listener)
	return listener.(*net.TCPListener), nil
}

// connectTo connects to a listener of every address by one of them.
func (w *holders) connectTo(listener *net.TCPListener, address netip.AddrPort) {
	w.g.T().Helper()
	peer.DialNoKeepalive(w.g.Experiment, address.String())
	server, err := listener.AcceptTCP()
	require.NoError(w.g.T(), err)
	w.g.Own(server)
}

// leaveTimeWait makes the server close a connection first, until TIME_WAIT stands: a late segment can end it.
func (w *holders) leaveTimeWait(listener *net.TCPListener) {
	w.g.T().Helper()
	for standing := false; !standing; {
		client, server := connect(w.g, listener)
		w.closeInTurn(server, client)
		standing = kernel.InTimeWait(w.g.Experiment, listener.Addr().String(), client.LocalAddr().String())
	}
}

// closeInTurn ends a connection: one end closes first, and the other when it has heard of it.
func (w *holders) closeInTurn(first, second *net.TCPConn) {
	w.g.T().Helper()
	require.NoError(w.g.T(), first.Close())
	_, err := second.Read(make([]byte, 1))
	require.ErrorIs(w.g.T(), err, io.EOF)
	require.NoError(w.g.T(), second.Close())
}
