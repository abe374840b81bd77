package lab01_timeout

import (
	"crypto/ed25519"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"math/big"
	"net"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"socketlabs/harness"
	"socketlabs/harness/peer"
)

// TestTLSWriteTimesOutInMidRecord: if a Write on a tls.Conn times out in the middle of a record, the TLS connection is broken.
// Write counts only the complete records that our kernel has taken. The kernel also has a part of the next record. Every
// later Write fails with the same timeout, even after the deadline is cleared. The peer reads the bytes that Write has
// counted, and then gets io.ErrUnexpectedEOF.
//
// Claim: Beyond the chapter.
//
// Source: crypto/tls.Conn.SetWriteDeadline: after a Write that timed out, the TLS state is corrupt, and all future
// writes return the same error. crypto/tls does not keep the rest of the record, so nobody can send it.
//
// Predict: a Write of 32 MiB on a tls.Conn times out, because the peer reads nothing; you write the rest with no deadline; what happens?
//   - [ ] the peer gets the whole message
//   - [x] the second Write fails with the same timeout
//   - [ ] the second Write succeeds, and the peer can't decrypt what it gets
func TestTLSWriteTimesOutInMidRecord(t *testing.T) {
	x := harness.Start(t, harness.PartialWrites)
	const attempts = 5 // by chance, our kernel may take whole records only
	for range attempts {
		if err := writeUntilTimeout(t, x); err != nil {
			assert.ErrorIs(t, err, io.ErrUnexpectedEOF, "the stream should end within a record")
			return
		}
	}
	t.Errorf("our kernel should take a part of a record; in %d attempts, it took whole records only", attempts)
}

// writeUntilTimeout writes more than the kernels take. After the timeout, it tries to write the rest. It returns the error of
// the peer's read.
func writeUntilTimeout(t *testing.T, x *harness.Experiment) (end error) {
	message := make([]byte, moreThanBuffersHold)
	client, server := peer.PairNoKeepalive(x)
	require.NoError(t, errors.Join(client.SetWriteBuffer(16<<10), server.SetReadBuffer(16<<10))) // small, so that the story is short
	from, to := overTLS(t, x, server, client)

	x.Step("the client writes %d MiB over TLS, with a deadline %v from now, to a server that reads nothing", len(message)>>20, fillTime)
	begun := time.Now()
	require.NoError(t, client.SetWriteDeadline(begun.Add(fillTime)))
	counted, err := to.Write(message)
	took := time.Since(begun)
	x.Outcome(harness.Client, "Write: %d bytes, %v", counted, err)
	require.ErrorIs(t, err, os.ErrDeadlineExceeded)
	x.AssertAtLeast(took, fillTime)
	assert.Positive(t, counted)
	assert.Less(t, counted, len(message))

	x.Step("the client takes the deadline away, and the server reads; the client writes the rest")
	require.NoError(t, client.SetWriteDeadline(noDeadline))
	read := make(chan []byte, 1)
	reading := x.Launch(harness.Server, "Read over TLS, to the end", func() error {
		got, err := io.ReadAll(from)
		read <- got
		return err
	})
	for range 2 {
		n, err := to.Write(message[counted:])
		x.Outcome(harness.Client, "Write of the rest: %d bytes, %v", n, err)
		assert.Zero(t, n)
		assert.ErrorIs(t, err, os.ErrDeadlineExceeded)
	}

	x.Step("the TCP connection below TLS still works: the client ends its stream with CloseWrite")
	require.NoError(t, client.CloseWrite())
	end = reading.Wait()
	got := <-read
	x.Outcome(harness.Server, "read %d bytes", len(got))
	assert.Equal(t, counted, len(got), "the peer's TLS should get whole records only")
	return end
}

// overTLS performs a TLS handshake on the connection. The writer is the TLS server.
func overTLS(t *testing.T, x *harness.Experiment, reader, writer net.Conn) (io.Reader, io.Writer) {
	public, private, err := ed25519.GenerateKey(nil)
	require.NoError(t, err)
	template := x509.Certificate{SerialNumber: big.NewInt(1)}
	certificate, err := x509.CreateCertificate(rand.Reader, &template, &template, public, private)
	require.NoError(t, err)
	server := tls.Server(writer, &tls.Config{
		Certificates:           []tls.Certificate{{Certificate: [][]byte{certificate}, PrivateKey: private}},
		SessionTicketsDisabled: true, // a ticket would be one more record
	})
	client := tls.Client(reader, &tls.Config{InsecureSkipVerify: true})
	handshake := x.Launch(harness.Server, "TLS handshake", server.Handshake)
	require.NoError(t, client.Handshake())
	require.NoError(t, handshake.Wait())
	return client, server
}
