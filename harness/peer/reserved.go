package peer

import (
	"errors"
	"math/rand/v2"
	"net"
	"net/netip"
	"sync/atomic"
	"syscall"

	"github.com/stretchr/testify/require"

	"socketlabs/harness"
)

// Ports that no system chooses on its own, for a client or for a socket that binds port 0, unless its settings are
// changed: Linux begins at 32768 (ip_local_port_range in ip(7)), macOS and Windows at 49152.
const (
	firstReserved = 10000
	lastReserved  = 32767
)

var reserved atomic.Uint32

func init() { reserved.Store(rand.Uint32N(lastReserved - firstReserved)) }

// ReservedPort returns a port number for an experiment in which a port is free for a moment: the system does not give
// this port to anybody else in that moment. On Linux, ReservedPort has checked that no socket has the port on any address
// of either family. A program may still bind the port by its number; then call ReservedPort again.
func ReservedPort() uint16 {
	for {
		port := firstReserved + uint16(reserved.Add(1)%(lastReserved-firstReserved+1))
		if isFree(port) {
			return port
		}
	}
}

// IsReserved reports whether the port is one that ReservedPort can return.
func IsReserved(port uint16) bool { return firstReserved <= port && port <= lastReserved }

// ListenReserved listens on the loopback, on a ReservedPort. The experiment closes the listener and whatever it
// accepts.
func ListenReserved(x *harness.Experiment) *net.TCPListener {
	x.T().Helper()
	listener := listenReserved(x, theLoopback())
	x.Own(listener)
	return listener
}

// ReservedAddress returns an address of the loopback with a ReservedPort, on which nobody listens.
func ReservedAddress(x *harness.Experiment) string {
	x.T().Helper()
	return ReservedAddressAt(x, theLoopback()).String()
}

// ReservedAddressAt returns an address with a ReservedPort at one of this machine's own addresses.
func ReservedAddressAt(x *harness.Experiment, host netip.Addr) netip.AddrPort {
	x.T().Helper()
	listener := listenReserved(x, host)
	require.NoError(x.T(), harness.CloseEverywhere(listener.Close))
	return listener.Addr().(*net.TCPAddr).AddrPort()
}

func theLoopback() netip.Addr { return netip.MustParseAddrPort(harness.Loopback()).Addr() }

func listenReserved(x *harness.Experiment, host netip.Addr) *net.TCPListener {
	x.T().Helper()
	config := net.ListenConfig{}
	config.SetMultipathTCP(false)
	for {
		listener, err := config.Listen(x.T().Context(), "tcp", netip.AddrPortFrom(host, ReservedPort()).String())
		if !errors.Is(err, syscall.EADDRINUSE) {
			require.NoError(x.T(), err)
			return listener.(*net.TCPListener)
		}
	}
}
