package harness_test

import (
	"io"
	"net"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"socketlabs/harness"
	"socketlabs/harness/internal/child"
	"socketlabs/harness/kernel"
	"socketlabs/harness/link"
	"socketlabs/harness/peer"
	"socketlabs/harness/story"
)

func TestCallThatReturnedIsNotWaiting(t *testing.T) {
	r := &child.Recorder{TB: t}
	x := harness.Start(r)
	client, server := peer.PairNoKeepalive(x)
	read := x.Begin(harness.Client, "Read", func() error {
		_, err := client.Read(make([]byte, 1))
		return err
	})
	assert.True(t, read.AssertStillWaiting())
	require.NoError(t, server.Close())
	assert.ErrorIs(t, read.Wait(), io.EOF)
	assert.False(t, read.AssertStillWaiting())
	assert.Len(t, r.Errors, 1)
}

// A call that hangs is freed by the end of the experiment, which closes its socket.
func TestEndFreesWhatStillWaits(t *testing.T) {
	var read *harness.Call
	var left *net.TCPConn
	t.Run("experiment", func(t *testing.T) {
		x := harness.Start(&child.Recorder{TB: t})
		client, server := peer.PairNoKeepalive(x)
		left = server
		read = x.Begin(harness.Client, "Read", func() error {
			_, err := client.Read(make([]byte, 1))
			return err
		})
	})
	assert.Error(t, read.Wait(), "the read should fail: the other end is closed first, by a reset")
	assert.ErrorIs(t, left.Close(), net.ErrClosed)
}

func TestVanishedPeerHearsNothingUntilItReturns(t *testing.T) {
	x := harness.Start(t, link.VanishingPeers)
	client, server := peer.PairNoKeepalive(x)
	const patience = 300 * time.Millisecond // more than the first retransmission takes
	buf := make([]byte, 1)

	link.Vanish(x, server)
	_, err := client.Write([]byte("?"))
	require.NoError(t, err)
	require.NoError(t, server.SetReadDeadline(time.Now().Add(patience)))
	_, err = server.Read(buf)
	assert.ErrorIs(t, err, os.ErrDeadlineExceeded)
	assert.Equal(t, 1, kernel.Unacknowledged(x, client))

	link.Return(x, server)
	require.NoError(t, server.SetReadDeadline(time.Time{}))
	_, err = server.Read(buf)
	assert.NoError(t, err)
	assert.Equal(t, "?", string(buf))
}

// The steps tell people what the experiment makes fail. Programs get it as data.
func TestFailureIsToldToPrograms(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	cmd := child.Command(t, "TestChildMakesSomethingFail")
	cmd.Args = append(cmd.Args, "-test.v", "-test.artifacts", "-test.outputdir="+dir)
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, "%s", out)
	assert.NotContains(t, string(out), "peer")

	files := child.FilesNamed(t, "story.json", dir)
	require.Len(t, files, 1)
	assert.Equal(t, []story.Failure{story.RefusedConnect, story.SilentPeer}, story.Failures(child.Story(t, files[0]).Events))
}

func TestChildMakesSomethingFail(t *testing.T) {
	x := harness.Start(t)
	peer.Silent(x)
	peer.Absent(x)
	peer.Silent(x)
}
