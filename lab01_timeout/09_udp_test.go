package lab01_timeout

import (
	"net"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"socketlabs/harness"
)

// TestDroppedDatagramIsReportedByNobody: nothing reports a UDP datagram that is dropped because the receiver's buffer is
// full. The write has succeeded, and only a deadline ends the client's wait for a reply.
//
// Claim: T3.
// Verdict: holds.
func TestDroppedDatagramIsReportedByNobody(t *testing.T) {
	x := harness.Start(t)
	const patience = 300 * time.Millisecond
	const requests, size = 1000, 512
	server := openUDP(t, x)
	require.NoError(t, server.SetReadBuffer(16*size)) // room for a few requests at most
	ask := func(client net.Conn, times int) {
		for range times {
			_, err := client.Write(make([]byte, size))
			require.NoError(t, err, "sending should succeed, whatever becomes of the datagram")
		}
	}

	x.Step("two clients ask %d times each; the server reads nothing, and its kernel drops what does not fit", requests)
	plain, client := dialUDP(t, x, server.LocalAddr()), dialUDP(t, x, server.LocalAddr())
	ask(plain, requests)
	ask(client, requests)
	control := x.Begin(harness.Client, "Read with no deadline", func() error {
		_, err := plain.Read(make([]byte, 1))
		return err
	})

	x.Step("one client waits %v for an answer, the other waits with no deadline", patience)
	begun := time.Now()
	require.NoError(t, client.SetReadDeadline(begun.Add(patience)))
	_, err := client.Read(make([]byte, 1))
	took := time.Since(begun)
	x.Outcome(harness.Client, "Read: %v", err)
	assert.ErrorIs(t, err, os.ErrDeadlineExceeded)
	x.AssertAtLeast(took, patience)
	control.AssertStillWaiting()

	x.Step("the server reads what has arrived")
	arrived := 0
	const quiet = 1 * time.Second                // if no datagram comes for so long, the receive buffer is empty
	for err = nil; err == nil || arrived == 0; { // on a busy machine, the first read may begin after its deadline
		require.NoError(t, server.SetReadDeadline(time.Now().Add(quiet)))
		if _, _, err = server.ReadFrom(make([]byte, size)); err == nil {
			arrived++
		}
	}
	x.Outcome(harness.Server, "read %d of %d requests, then: %v", arrived, 2*requests, err)
	assert.ErrorIs(t, err, os.ErrDeadlineExceeded)
	assert.Less(t, arrived, 2*requests, "the server's kernel should have dropped some datagrams")

	x.Step("the client asks again, and the server answers")
	const again = "?"
	_, err = client.Write([]byte(again))
	require.NoError(t, err)
	require.NoError(t, server.SetReadDeadline(noDeadline))
	var from net.Addr
	for n := size; n > len(again); { // an earlier request may be left, if the server's last read began after its deadline
		n, from, err = server.ReadFrom(make([]byte, size))
		require.NoError(t, err)
	}
	_, err = server.WriteTo([]byte("!"), from)
	require.NoError(t, err)
	require.NoError(t, client.SetReadDeadline(noDeadline))
	n, err := client.Read(make([]byte, 1))
	x.Outcome(harness.Client, "Read: %d byte, %v", n, err)
	assert.NoError(t, err)
}

// TestConnectedUDPLearnsOfClosedPort: if nobody has the server's UDP port open, and the server's host says so by ICMP,
// the next call on a connected UDP socket fails with ECONNREFUSED. A socket that is not connected gets no error, by
// default.
//
// Claim: T1.
// Verdict: holds, but not on a connected UDP socket: if the peer's host refuses the datagram, an error ends the wait.
//
// Predict: a UDP client asks a port that nobody has open, and reads with no deadline; what does Read return?
//   - [ ] Read does not return: UDP reports no loss
//   - [x] ECONNREFUSED, if the socket is connected
//   - [ ] ECONNREFUSED, even if the socket is not connected
func TestConnectedUDPLearnsOfClosedPort(t *testing.T) {
	x := harness.Start(t, harness.RefusedDatagrams)
	const patience = 300 * time.Millisecond
	// A connected socket holds its port, and takes datagrams only from the address that it is connected to. For every other
	// sender, the port is closed.
	closed := dialUDP(t, x, openUDP(t, x).LocalAddr()).LocalAddr()

	x.Step("a connected socket sends a datagram to a port that nobody has open, and reads with no deadline")
	connected := dialUDP(t, x, closed)
	_, err := connected.Write([]byte("?"))
	require.NoError(t, err)
	_, err = connected.Read(make([]byte, 1))
	x.Outcome(harness.Client, "Read: %v", err)
	assert.ErrorIs(t, err, connectionRefused)

	x.Step("a socket that is not connected does the same, and reads with a deadline %v from now", patience)
	unconnected := openUDP(t, x)
	begun := time.Now()
	require.NoError(t, unconnected.SetReadDeadline(begun.Add(patience)))
	_, err = unconnected.WriteTo([]byte("?"), closed)
	require.NoError(t, err)
	_, _, err = unconnected.ReadFrom(make([]byte, 1))
	took := time.Since(begun)
	x.Outcome(harness.Client, "ReadFrom: %v", err)
	assert.ErrorIs(t, err, os.ErrDeadlineExceeded)
	x.AssertAtLeast(took, patience)
}

// openUDP returns a UDP socket on the loopback that is not connected.
func openUDP(t *testing.T, x *harness.Experiment) *net.UDPConn {
	socket, err := net.ListenPacket("udp", harness.Loopback())
	require.NoError(t, err)
	x.Own(socket)
	return socket.(*net.UDPConn)
}

// dialUDP returns a UDP socket that is connected to an address.
func dialUDP(t *testing.T, x *harness.Experiment, address net.Addr) net.Conn {
	socket, err := net.Dial("udp", address.String())
	require.NoError(t, err)
	x.Own(socket)
	return socket
}
