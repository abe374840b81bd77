package link_test

import (
	"io"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"socketlabs/harness"
	"socketlabs/harness/internal/child"
	"socketlabs/harness/link"
	"socketlabs/harness/peer"
	"socketlabs/harness/skip"
	"socketlabs/harness/wire"
)

// Segments in either direction keep the middlebox from forgetting the connection. After a silence it forgets, and
// resets whoever sends.
func TestBoxForgetsWhenBothEndsAreSilent(t *testing.T) {
	skip.UnlessChecking(t, "waits for a middlebox, as Lab 3's experiments do")
	t.Parallel()
	out, err := child.Command(t, "TestChild.*Box.*").CombinedOutput() // on the private loopback, where it may capture
	require.NoError(t, err, "%s", out)
	if strings.Contains(string(out), "harness: skipped ") {
		skip.Needs(t, "Capture", "nothing can be captured here")
	}
}

func TestChildSpeaksThroughBox(t *testing.T) {
	x := harness.Start(t, link.VanishingPeers, wire.Capture)
	const idleTimeout = 500 * time.Millisecond
	client, server := peer.PairNoKeepalive(x)
	middlebox := link.ForgetfulMiddlebox(x, client, server, idleTimeout, link.ResetUnknown)
	var spoke time.Time
	for range 20 {
		spoke = time.Now()
		_, err := server.Write([]byte("!"))
		require.NoError(t, err)
		_, err = io.ReadFull(client, make([]byte, 1))
		require.NoError(t, err)
		require.True(t, harness.Passed(t.Context(), idleTimeout/10))
	}
	middlebox.AwaitForgotten()
	assert.GreaterOrEqual(t, time.Since(spoke), idleTimeout)
	_, err := server.Write([]byte("!"))
	require.NoError(t, err)
	_, err = server.Read(make([]byte, 1))
	assert.ErrorIs(t, err, unix.ECONNRESET)
}
