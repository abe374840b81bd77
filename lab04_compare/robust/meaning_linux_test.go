package robust

import (
	"errors"
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"
)

// systemEndings are the endings that Linux shows without privileges, and those that need a child process.
var systemEndings = append([]ending{
	{"no connection before the timeout", dialTimeout, Slow},
	{"SO_RCVTIMEO has passed", receiveTimeout, Slow},
	{"SO_SNDTIMEO has passed in a connect", connectTimeout, Slow},
	{"the peer's host vanished", vanished, Lost},
	{"the peer keeps its window closed", windowStaysClosed, Lost},
	{"read after another call has got ETIMEDOUT", readAfterDeath, Ended},
	{"write after another call has got ETIMEDOUT", writeAfterDeath, Ended},
	{"write after another call has got ECONNRESET", writeAfterReset, Ended},
	{"CloseWrite after another call has got ECONNRESET", closeWriteAfterReset, Ended},
	{"connect after SO_ERROR has returned ECONNREFUSED", connectAfterFailure, Ended},
	{"no route to the network", noNetwork, Lost},
	{"the queue of an AF_UNIX listener is full", fullUnixQueue, Refused},
	{"no local port is left", noPortLeft, Exhausted},
	{"the local address is not ours", foreignAddress, Unknown},
	{"EAGAIN without the name of the call", bareEAGAIN, Unknown},
}, childEndings...)

func dialTimeout(t *testing.T) error {
	_, err := net.DialTimeout("tcp", deafListener(t).Addr().String(), patience)
	return err
}

// blocking returns a socket that Go's poller does not know, so its calls block.
func blocking(t *testing.T) (fd int) {
	t.Helper()
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	require.NoError(t, err)
	t.Cleanup(func() { unix.Close(fd) })
	return fd
}

func sockaddr(t *testing.T, of net.Addr) unix.Sockaddr {
	t.Helper()
	tcp, isTCP := of.(*net.TCPAddr)
	require.True(t, isTCP)
	return &unix.SockaddrInet4{Port: tcp.Port, Addr: [4]byte(tcp.IP.To4())}
}

func setTimeout(t *testing.T, fd, option int) {
	t.Helper()
	limit := unix.NsecToTimeval(patience.Nanoseconds())
	require.NoError(t, unix.SetsockoptTimeval(fd, unix.SOL_SOCKET, option, &limit))
}

func receiveTimeout(t *testing.T) error { return os.NewSyscallError("read", bareEAGAIN(t)) }

func bareEAGAIN(t *testing.T) error {
	listener, err := Listen(t.Context(), "127.0.0.1:0")
	require.NoError(t, err)
	defer listener.Close()
	fd := blocking(t)
	setTimeout(t, fd, unix.SO_RCVTIMEO)
	require.NoError(t, unix.Connect(fd, sockaddr(t, listener.Addr())))
	for {
		// With SO_RCVTIMEO, a signal of Go's scheduler interrupts the call: signal(7).
		_, err = unix.Read(fd, make([]byte, 1))
		if err != unix.EINTR {
			return err
		}
	}
}

func connectTimeout(t *testing.T) error {
	address := sockaddr(t, deafListener(t).Addr())
	for {
		fd := blocking(t)
		setTimeout(t, fd, unix.SO_SNDTIMEO)
		err := unix.Connect(fd, address)
		if err != unix.EINTR {
			return os.NewSyscallError("connect", err)
		}
	}
}

// probing returns a client with keepalive on, whose peer has vanished.
func probing(t *testing.T) *net.TCPConn {
	t.Helper()
	unlessChecking(t)
	client, server := pair(t)
	keepalive := net.KeepAliveConfig{Enable: true, Idle: time.Second, Interval: time.Second, Count: 1}
	require.NoError(t, client.SetKeepAliveConfig(keepalive))
	vanish(t, server)
	return client
}

func vanished(t *testing.T) error { return read(probing(t)) }

func readAfterDeath(t *testing.T) error {
	client := probing(t)
	require.Equal(t, Lost, MeaningOf(read(client)))
	return read(client)
}

func writeAfterDeath(t *testing.T) error {
	client := probing(t)
	require.Equal(t, Lost, MeaningOf(read(client)))
	return write(client)
}

func windowStaysClosed(t *testing.T) error {
	unlessChecking(t)
	client, _ := pair(t)
	refused, err := setUserTimeout(client, time.Second)
	require.NoError(t, err)
	require.False(t, refused)
	return fill(client)
}

func resetClient(t *testing.T) *net.TCPConn {
	client, server := pair(t)
	require.NoError(t, server.SetLinger(0))
	require.NoError(t, server.Close())
	require.Equal(t, Reset, MeaningOf(read(client)))
	return client
}

func writeAfterReset(t *testing.T) error      { return write(resetClient(t)) }
func closeWriteAfterReset(t *testing.T) error { return resetClient(t).CloseWrite() }

// connectAfterFailure reads ECONNREFUSED from SO_ERROR, which clears SO_ERROR. The next connect says that the connection has
// failed, but not why.
func connectAfterFailure(t *testing.T) error {
	unlessChecking(t)
	listener := deafListener(t)
	fd, address := blocking(t), sockaddr(t, listener.Addr())
	require.NoError(t, unix.SetNonblock(fd, true))
	require.Equal(t, unix.EINPROGRESS, unix.Connect(fd, address))
	require.NoError(t, listener.Close()) // the retransmitted SYN is refused
	assert.Eventually(t, func() bool {
		failed, err := unix.GetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_ERROR)
		require.NoError(t, err)
		return failed == int(unix.ECONNREFUSED)
	}, guard, time.Millisecond)
	return os.NewSyscallError("connect", unix.Connect(fd, address))
}

// noNetwork dials the broadcast address of the loopback: no connection can lead there, and nothing is sent.
func noNetwork(*testing.T) error {
	_, err := net.Dial("tcp4", "127.255.255.255:1")
	return err
}

func fullUnixQueue(t *testing.T) error {
	folder, err := os.MkdirTemp("", "") // the path of a socket must be short: unix(7)
	require.NoError(t, err)
	t.Cleanup(func() { os.RemoveAll(folder) })
	listener, err := net.Listen("unix", filepath.Join(folder, "socket"))
	require.NoError(t, err)
	t.Cleanup(func() { listener.Close() })
	raw, err := listener.(*net.UnixListener).SyscallConn()
	require.NoError(t, err)
	var failed error
	require.NoError(t, raw.Control(func(fd uintptr) { failed = unix.Listen(int(fd), 0) })) // sets another backlog
	require.NoError(t, failed)
	for {
		conn, err := net.Dial("unix", listener.Addr().String())
		if err != nil {
			return err
		}
		t.Cleanup(func() { conn.Close() })
	}
}

// noPortLeft connects to one server several times, with a range of only one local port.
func noPortLeft(t *testing.T) error {
	ours, err := Listen(t.Context(), "127.0.0.1:0")
	require.NoError(t, err)
	port := ours.Addr().(*net.TCPAddr).Port
	require.NoError(t, ours.Close()) // the port is free, most likely
	dialer := net.Dialer{Control: control(func(fd int) error {
		return unix.SetsockoptInt(fd, unix.IPPROTO_IP, unix.IP_LOCAL_PORT_RANGE, port|port<<16)
	})}
	server := silent(t)
	for {
		conn, err := dialer.Dial("tcp4", server)
		if errors.Is(err, unix.ENOPROTOOPT) {
			skip(t, "PortRanges", "this kernel has no IP_LOCAL_PORT_RANGE; run it on Linux 6.3 or later")
		}
		if err != nil {
			require.ErrorIs(t, err, unix.EADDRNOTAVAIL, "the local ports should be exhausted first")
			return err
		}
		t.Cleanup(func() { conn.Close() })
	}
}

// foreignAddress binds to an address of TEST-NET-1 (RFC 5737), which nobody has.
func foreignAddress(t *testing.T) error {
	dialer := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.IPv4(192, 0, 2, 1)}}
	_, err := dialer.Dial("tcp4", silent(t))
	return err
}
