package robust

import (
	"context"
	"errors"
	"net"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"
)

// A socket with IP_MINTTL 255 receives nothing on the loopback, where segments carry a TTL of 64: ip(7).
const (
	deaf    = 255
	hearing = 0
)

func setMinTTL(ttl int) func(fd int) error {
	return func(fd int) error { return unix.SetsockoptInt(fd, unix.IPPROTO_IP, unix.IP_MINTTL, ttl) }
}

// control returns a function for the field Control of net.Dialer and net.ListenConfig. This function sets an option before
// the socket is bound or connected.
func control(set func(fd int) error) func(network, address string, conn syscall.RawConn) error {
	return func(_, _ string, conn syscall.RawConn) error {
		var failed error
		err := conn.Control(func(fd uintptr) { failed = set(int(fd)) })
		return errors.Join(err, failed)
	}
}

// vanish makes the host of a connection's end go silent: it receives nothing, and so answers nothing.
func vanish(t *testing.T, client *net.TCPConn) {
	t.Helper()
	needVanishing(t)
	require.NoError(t, onDescriptor(client, setMinTTL(deaf)))
	// A graceful close would leave a socket behind that retransmits its FIN for minutes.
	t.Cleanup(func() { client.SetLinger(0) })
}

// deafListener returns a listener that answers no SYN.
func deafListener(t *testing.T) *net.TCPListener {
	t.Helper()
	needVanishing(t)
	config := net.ListenConfig{Control: control(setMinTTL(deaf))}
	config.SetMultipathTCP(false)
	listener, err := config.Listen(t.Context(), "tcp4", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { listener.Close() })
	return listener.(*net.TCPListener)
}

// needVanishing skips the test if IP_MINTTL has no effect.
func needVanishing(t *testing.T) {
	t.Helper()
	if why := vanishingMissing(); why != "" {
		skip(t, "VanishingPeers", why)
	}
}

var vanishingMissing = sync.OnceValue(func() string {
	config := net.ListenConfig{Control: control(setMinTTL(deaf))}
	config.SetMultipathTCP(false)
	listener, err := config.Listen(context.Background(), "tcp4", "127.0.0.1:0")
	if err != nil {
		return "this kernel does not take IP_MINTTL (" + err.Error() + "); run it on Linux, not on an emulation of it"
	}
	defer listener.Close()
	conn, err := net.DialTimeout("tcp", listener.Addr().String(), 250*time.Millisecond)
	if err == nil {
		conn.Close()
		return "this kernel ignores IP_MINTTL; run it on Linux, not on an emulation of it"
	}
	return ""
})

// smallWindow dials connections with a receive buffer so small that the window is nearly always closed.
var smallWindow = net.Dialer{Control: control(func(fd int) error {
	return unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_RCVBUF, 2<<10)
})}

// multipath makes a dialer speak Multipath TCP, or skips the test.
func multipath(t *testing.T, dialer net.Dialer) net.Dialer {
	t.Helper()
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, unix.IPPROTO_MPTCP)
	if err != nil {
		skip(t, "MultipathTCP", "this kernel has none ("+err.Error()+"); run it on Linux 5.6 or later, with net.mptcp.enabled = 1")
	}
	unix.Close(fd)
	dialer.SetMultipathTCP(true)
	return dialer
}

func multipathListener(t *testing.T) *net.TCPListener {
	t.Helper()
	config := net.ListenConfig{}
	config.SetMultipathTCP(true)
	listener, err := config.Listen(t.Context(), "tcp4", "127.0.0.1:0")
	require.NoError(t, err)
	return listener.(*net.TCPListener)
}
