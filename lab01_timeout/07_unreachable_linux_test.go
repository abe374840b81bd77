package lab01_timeout

import (
	"context"
	"net"
	"os"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"socketlabs/harness"
	"socketlabs/harness/kernel"
	"socketlabs/harness/link"
	"socketlabs/harness/peer"
	"socketlabs/harness/wire"
)

// unheardSYN reports whether a segment is a SYN that was sent to a vanished host.
func unheardSYN(s wire.Segment) bool { return s.Meaning == wire.SYN && s.Unheard }

// TestICMPErrorEndsConnectAtOnce: if an ICMP error comes in response to a SYN, connect fails at once, without waiting for a
// timeout. The ICMP error decides whether connect fails with ENETUNREACH, EHOSTUNREACH or ECONNREFUSED.
//
// Claim: T1.
// Verdict: holds if no ICMP error comes. If an ICMP error says that the peer can't be reached, connect fails at once.
func TestICMPErrorEndsConnectAtOnce(t *testing.T) {
	t.Parallel()
	for _, rejected := range []struct {
		reason link.Reason
		want   syscall.Errno
	}{
		{link.NoRoute, unix.ENETUNREACH},
		{link.NoHost, unix.EHOSTUNREACH},
		{link.NoPort, unix.ECONNREFUSED},
	} {
		t.Run(rejected.reason.Says, func(t *testing.T) {
			x := harness.Start(t, link.VanishingPeers, harness.PrivateLoopback, wire.Capture)
			listener, silent := peer.ListenNoKeepalive(x), peer.ListenNoKeepalive(x)
			ctx, cancel := context.WithCancel(t.Context())
			dial := func(name string, server net.Listener) *harness.Call {
				return x.Begin(harness.Client, name, func() error {
					_, err := new(net.Dialer).DialContext(ctx, "tcp", server.Addr().String())
					return err
				})
			}

			x.Step("two servers' hosts vanish, and a client dials each, with no timeout")
			link.Vanish(x, listener)
			link.Vanish(x, silent)
			dialed := dial("Dial", listener)
			syn := wire.AwaitSegment(x, unheardSYN)
			control := dial("Dial without an ICMP error", silent)

			link.Unreachable(x, syn, rejected.reason)
			assert.ErrorIs(t, dialed.Wait(), rejected.want)
			control.AssertStillWaiting()

			x.Step("the client gives up on the other")
			cancel()
			assert.ErrorIs(t, control.Wait(), context.Canceled)
		})
	}
}

// TestICMPErrorLeavesConnectionAlone: an ICMP error in response to data does not end an established connection: a read
// goes on waiting, and when the path works again, the data arrives.
//
// Claim: T1.
// Verdict: holds, even if an ICMP error says that the peer can't be reached: on an established connection the kernel
// goes on trying.
//
// Predict: we send data on an established connection, and a router responds with "host unreachable"; what does our waiting Read get?
//   - [ ] EHOSTUNREACH, at once
//   - [ ] ECONNRESET, at once
//   - [x] nothing: it goes on waiting
func TestICMPErrorLeavesConnectionAlone(t *testing.T) {
	x := harness.Start(t, link.VanishingPeers, harness.PrivateLoopback, wire.Capture)
	client, server := peer.PairNoKeepalive(x)
	read := x.Begin(harness.Client, "Read with no deadline", func() error {
		_, err := client.Read(make([]byte, 1))
		return err
	})

	x.Step("the server's host vanishes, and the client sends a byte; a router rejects the byte each time that the client sends it")
	link.Vanish(x, server)
	_, err := client.Write([]byte("?"))
	require.NoError(t, err)
	link.Unreachable(x, wire.AwaitSegments(x, client, 1, wire.Data)[0], link.NoHost)
	for _, again := range wire.AwaitSegments(x, client, 2, wire.Retransmission) {
		link.Unreachable(x, again, link.NoHost)
	}
	read.AssertStillWaiting()
	assert.Equal(t, kernel.Established, kernel.ReadTCPInfo(x, harness.Client, client).State)

	x.Step("the host returns: it gets the byte, and answers")
	link.Return(x, server)
	_, err = server.Read(make([]byte, 1))
	require.NoError(t, err)
	_, err = server.Write([]byte("!"))
	require.NoError(t, err)
	assert.NoError(t, read.Wait())
}

// TestICMPErrorDecidesErrorOfTimeout: if a router has responded to our data with the ICMP error "host unreachable", and the kernel
// later gives up on the data, a waiting read fails with EHOSTUNREACH. Without an ICMP error, the read fails with ETIMEDOUT.
//
// Claim: T5.
// Verdict: holds, but a connection that has timed out in the kernel may report EHOSTUNREACH, for which Timeout() is
// false.
//
// Source: tcp_write_err() and tcp_ack() in the kernel's net/ipv4: the kernel reports the last ICMP error, unless an
// acknowledgment has come since.
func TestICMPErrorDecidesErrorOfTimeout(t *testing.T) {
	x := harness.Start(t, link.VanishingPeers, harness.PrivateLoopback, wire.Capture)
	const limit = 500 * time.Millisecond
	connect := func(name string) (client *net.TCPConn, read *harness.Call) {
		client, server := peer.PairNoKeepalive(x)
		link.Vanish(x, server)
		read = x.Begin(harness.Client, name, func() error {
			_, err := client.Read(make([]byte, 1))
			return err
		})
		return client, read
	}

	x.Step("two servers' hosts vanish, and each client sends a byte; one byte is rejected")
	rejected, ofRejected := connect("Read, after an ICMP error")
	silent, ofSilent := connect("Read, after silence")
	for _, client := range []*net.TCPConn{rejected, silent} {
		_, err := client.Write([]byte("?"))
		require.NoError(t, err)
	}
	link.Unreachable(x, wire.AwaitSegments(x, rejected, 1, wire.Data)[0], link.NoHost)

	// The option is not set earlier: if the kernel gave up before the ICMP error came, it would report ETIMEDOUT.
	x.Step("both clients set TCP_USER_TIMEOUT = %v", limit)
	for _, client := range []*net.TCPConn{rejected, silent} {
		raw, err := client.SyscallConn()
		require.NoError(t, err)
		require.NoError(t, raw.Control(func(fd uintptr) {
			require.NoError(t, unix.SetsockoptInt(int(fd), unix.IPPROTO_TCP, unix.TCP_USER_TIMEOUT, int(limit.Milliseconds())))
		}))
	}
	err := ofRejected.Wait()
	assert.ErrorIs(t, err, unix.EHOSTUNREACH)
	assert.False(t, os.IsTimeout(err), "Timeout() should be false for: %v", err)
	err = ofSilent.Wait()
	assert.ErrorIs(t, err, unix.ETIMEDOUT)
	assert.True(t, os.IsTimeout(err), "Timeout() should be true for: %v", err)
}

// TestConnectedUDPIgnoresUnreachableHost: on a connected UDP socket, an ICMP error ends a read if it says "port
// unreachable". After "host unreachable", the read goes on waiting.
//
// Claim: T1.
// Verdict: holds, even if an ICMP error says that the host can't be reached: by default, a UDP socket ignores that error.
//
// Source: __udp4_lib_err() in the kernel's net/ipv4/udp.c: by default, a connected UDP socket reports only hard ICMP
// errors (harderr).
func TestConnectedUDPIgnoresUnreachableHost(t *testing.T) {
	x := harness.Start(t, harness.PrivateLoopback)
	ask := func(name string) (server net.PacketConn, client net.Conn, read *harness.Call) {
		server, err := net.ListenPacket("udp", harness.Loopback())
		require.NoError(t, err)
		x.Own(server)
		client, err = net.Dial("udp", server.LocalAddr().String())
		require.NoError(t, err)
		x.Own(client)
		_, err = client.Write([]byte("?"))
		require.NoError(t, err)
		return server, client, x.Begin(harness.Client, name, func() error {
			_, err := client.Read(make([]byte, 1))
			return err
		})
	}

	x.Step("two clients send a datagram, and read with no deadline; an ICMP error rejects each datagram")
	server, toHost, ofHost := ask("Read, after \"host unreachable\"")
	_, toPort, ofPort := ask("Read, after \"port unreachable\"")
	link.UnreachableDatagram(x, toHost, link.NoHost)
	link.UnreachableDatagram(x, toPort, link.NoPort)
	assert.ErrorIs(t, ofPort.Wait(), unix.ECONNREFUSED)
	ofHost.AssertStillWaiting()

	x.Step("the first server answers after all")
	_, err := server.WriteTo([]byte("!"), toHost.LocalAddr())
	require.NoError(t, err)
	assert.NoError(t, ofHost.Wait(), "the read should get the answer, and no error")
}
