package harness

import (
	"math/rand/v2"
	"net"
	"strconv"
	"sync/atomic"
)

// The ports from which OwnAddress chooses. Kernels give out higher ones to those who ask for any
// port: 32768 and more on Linux (ip_local_port_range in ip(7)), 49152 and more on most others.
const (
	firstOwnPort = 12_000
	ownPorts     = 20_000
)

var ownPort = func() *atomic.Uint32 {
	var next atomic.Uint32
	next.Store(rand.Uint32N(ownPorts))
	return &next
}()

// OwnAddress is a free address on the loopback, and another each time. For experiments in which
// nobody holds a port for a while: one that the kernel has chosen, it could give to another
// experiment then.
func (x *Experiment) OwnAddress() string {
	x.t.Helper()
	host, _, _ := net.SplitHostPort(Loopback())
	for range ownPorts {
		port := firstOwnPort + ownPort.Add(1)%ownPorts
		address := net.JoinHostPort(host, strconv.Itoa(int(port)))
		if listener, err := net.Listen("tcp", address); err == nil {
			listener.Close()
			return address
		}
	}
	x.t.Fatalf("no port from %d to %d is free", firstOwnPort, firstOwnPort+ownPorts-1)
	return ""
}
