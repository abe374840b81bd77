package lab01_timeout

import (
	"crypto/tls"
	"io"
	"net"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"socketlabs/harness"
	"socketlabs/harness/peer"
)

// TestConnectSucceedsToServerThatNeverAccepts: if a server never accepts, a dial to it succeeds, and so does a write: the
// server's kernel completes the handshake and takes the data. Only a timeout on the reply shows that something is wrong.
//
// Claim: T2.
// Verdict: holds, but a connect that succeeds does not show that the server's program is alive: the server's kernel
// completes the handshake.
//
// Predict: a server's program hangs and accepts nobody, but its listener's backlog has room; what does a client see?
//   - [ ] Dial waits until its timeout
//   - [ ] Dial succeeds, and the first Write fails
//   - [x] Dial and Write succeed, and Read waits
func TestConnectSucceedsToServerThatNeverAccepts(t *testing.T) {
	x := harness.Start(t)
	const patience = 300 * time.Millisecond
	const request = "anybody there?"
	listener := peer.ListenNoKeepalive(x)
	ask := func() net.Conn {
		conn, err := net.Dial("tcp", listener.Addr().String())
		x.Outcome(harness.Client, "Dial: %v", err)
		require.NoError(t, err)
		x.Own(conn)
		_, err = io.WriteString(conn, request)
		x.Outcome(harness.Client, "Write: %v", err)
		require.NoError(t, err)
		return conn
	}

	x.Step("two clients ask a server that never accepts")
	plain, client := ask(), ask()
	control := x.Begin(harness.Client, "Read with no deadline", func() error {
		_, err := plain.Read(make([]byte, 1))
		return err
	})
	begun := time.Now()
	require.NoError(t, client.SetReadDeadline(begun.Add(patience)))
	_, err := client.Read(make([]byte, 1))
	took := time.Since(begun)
	x.Outcome(harness.Client, "Read with a deadline: %v", err)
	assert.ErrorIs(t, err, os.ErrDeadlineExceeded)
	x.AssertAtLeast(took, patience)
	control.AssertStillWaiting()

	x.Step("now the server accepts: the connection is complete, and the request has arrived")
	server, err := listener.Accept()
	require.NoError(t, err)
	x.Own(server)
	got := make([]byte, len(request))
	_, err = io.ReadFull(server, got)
	x.Outcome(harness.Server, "Read: %q, %v", got, err)
	assert.Equal(t, plain.LocalAddr().String(), server.RemoteAddr().String())
	assert.Equal(t, request, string(got))
}

// TestDialTimeoutIsBlindToTLSHandshake: the timeout of a net.Dialer bounds only the connect. A TLS handshake on the new
// connection still waits for a silent server when that timeout has passed. In tls.DialWithDialer, the same timeout
// bounds the connect and the handshake together.
//
// Claim: T2.
// Verdict: holds, but a dial's timeout bounds only the connect: the TLS handshake that follows needs a timeout, too.
func TestDialTimeoutIsBlindToTLSHandshake(t *testing.T) {
	x := harness.Start(t)
	silent := peer.Silent(x)
	dialer := &net.Dialer{Timeout: 1 * time.Second}
	anyServer := &tls.Config{InsecureSkipVerify: true}

	x.Step("one client dials a silent server with a timeout of %v, and then starts the TLS handshake", dialer.Timeout)
	conn, err := dialer.Dial("tcp", silent)
	for ; isOurTimeout(err); conn, err = dialer.Dial("tcp", silent) {
		dialer.Timeout *= 2 // a busy machine may need longer to connect
	}
	x.Outcome(harness.Client, "Dial: %v", err)
	require.NoError(t, err)
	x.Own(conn)
	handshake := x.Begin(harness.Client, "Handshake", tls.Client(conn, anyServer).Handshake)

	x.Step("another client gives the same dialer to tls.DialWithDialer")
	begun := time.Now()
	_, err = tls.DialWithDialer(dialer, "tcp", silent, anyServer)
	took := time.Since(begun)
	x.Outcome(harness.Client, "tls.DialWithDialer: %v", err)

	assert.True(t, isOurTimeout(err), "tls.DialWithDialer should time out; got: %v", err)
	x.AssertAtLeast(took, dialer.Timeout)
	handshake.AssertStillWaiting()
}
