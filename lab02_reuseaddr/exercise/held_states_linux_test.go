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

// states has a function for each state of a connection. The function makes a connection, one end of which is in this state and
// has an address of the host, and returns this address. No socket listens there.
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
	// Both ends close. The client's FIN reaches the server, but the server's own FIN is never acknowledged.
	kernel.Closing: ending(kernel.Closing, func(w *holders, client, server *net.TCPConn) {
		link.Vanish(w.g.Experiment, client)
		link.Vanish(w.g.Experiment, server)
		require.NoError(w.g.T(), client.CloseWrite())
		require.NoError(w.g.T(), server.CloseWrite())
		link.Return(w.g.Experiment, server)
	}),
}

// ending returns a function that connects a client to a server, closes the listener, and brings the server's end into a state.
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

// connects lets a client connect from the address it returns. The server does not answer.
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

// leaveSynReceived adds an entry in SYN_RECV: with TCP_DEFER_ACCEPT, the connection stays in this state until the client has
// sent data.
func (w *holders) leaveSynReceived(listener *net.TCPListener) {
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

// besideTimeWait leaves an open connection and one in TIME_WAIT at an address, and returns the address. In the kernel's table,
// the entry with the state first comes before the other entry. The order differs from port to port, so besideTimeWait tries
// several ports.
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

// listen opens a listener at one of the host's addresses with a peer.ReservedPort.
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
	network := "tcp" // with 0.0.0.0, "tcp" would listen at both families
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

// connectTo connects a client to a listener that is bound to a wildcard, at one of its addresses.
func (w *holders) connectTo(listener *net.TCPListener, address netip.AddrPort) {
	w.g.T().Helper()
	peer.DialNoKeepalive(w.g.Experiment, address.String())
	server, err := listener.AcceptTCP()
	require.NoError(w.g.T(), err)
	w.g.Own(server)
}

// leaveTimeWait lets a server close a connection first, so that its end is in TIME_WAIT. An old duplicate segment can end TIME_WAIT
// early; then leaveTimeWait makes another connection.
func (w *holders) leaveTimeWait(listener *net.TCPListener) {
	w.g.T().Helper()
	for inTimeWait := false; !inTimeWait; {
		client, server := connect(w.g, listener)
		w.closeInTurn(server, client)
		inTimeWait = kernel.InTimeWait(w.g.Experiment, listener.Addr().String(), client.LocalAddr().String())
	}
}

// closeInTurn closes one end of a connection, and then the other, after it has received the FIN of the first.
func (w *holders) closeInTurn(first, second *net.TCPConn) {
	w.g.T().Helper()
	require.NoError(w.g.T(), first.Close())
	_, err := second.Read(make([]byte, 1))
	require.ErrorIs(w.g.T(), err, io.EOF)
	require.NoError(w.g.T(), second.Close())
}
