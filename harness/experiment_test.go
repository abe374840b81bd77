package harness_test

import (
	"fmt"
	"io"
	"net"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"socketlabs/harness"
)

// recorder stands in for the test of an experiment that is meant to fail.
type recorder struct {
	testing.TB
	errors []string
}

func (r *recorder) Helper() {}
func (r *recorder) Errorf(format string, args ...any) {
	r.errors = append(r.errors, fmt.Sprintf(format, args...))
}

func TestCallThatReturnedIsNotWaiting(t *testing.T) {
	r := &recorder{TB: t}
	x := harness.Start(r)
	client, server := x.PairNoKeepalive()
	read := x.Begin(harness.Client, "Read", func() error {
		_, err := client.Read(make([]byte, 1))
		return err
	})
	assert.True(t, read.AssertStillWaiting())
	require.NoError(t, server.Close())
	assert.ErrorIs(t, read.Wait(), io.EOF)
	assert.False(t, read.AssertStillWaiting())
	assert.Len(t, r.errors, 1)
}

// A call that hangs is freed by the end of the experiment, which closes its socket.
func TestEndFreesWhatStillWaits(t *testing.T) {
	var read *harness.Call
	var left *net.TCPConn
	t.Run("experiment", func(t *testing.T) {
		x := harness.Start(&recorder{TB: t})
		client, server := x.PairNoKeepalive()
		left = server
		read = x.Begin(harness.Client, "Read", func() error {
			_, err := client.Read(make([]byte, 1))
			return err
		})
	})
	assert.Error(t, read.Wait(), "the other end is closed first, by a reset")
	assert.ErrorIs(t, left.Close(), net.ErrClosed)
}

func TestVanishedPeerHearsNothingUntilItReturns(t *testing.T) {
	x := harness.Start(t, harness.VanishingPeers)
	client, server := x.PairNoKeepalive()
	const patience = 300 * time.Millisecond // more than the first retransmission takes
	buf := make([]byte, 1)

	x.Vanish(server)
	_, err := client.Write([]byte("?"))
	require.NoError(t, err)
	require.NoError(t, server.SetReadDeadline(time.Now().Add(patience)))
	_, err = server.Read(buf)
	assert.ErrorIs(t, err, os.ErrDeadlineExceeded)
	assert.Equal(t, 1, x.Unacknowledged(client))

	x.Return(server)
	require.NoError(t, server.SetReadDeadline(time.Time{}))
	_, err = server.Read(buf)
	assert.NoError(t, err)
	assert.Equal(t, "?", string(buf))
}
