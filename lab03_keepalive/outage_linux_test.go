package lab03_keepalive

import (
	"io"
	"net"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"socketlabs/harness"
	"socketlabs/harness/kernel"
	"socketlabs/harness/link"
	"socketlabs/harness/peer"
)

// TestOutageShorterThanProbesIsSurvived: one answer is enough. A peer that is silent for some probes
// and answers a later one is as alive as before, and the count begins anew.
//
// Claim: K4.
// Verdict: holds.
func TestOutageShorterThanProbesIsSurvived(t *testing.T) {
	x := harness.Start(t, link.VanishingPeers)
	const missed = 2
	patient := net.KeepAliveConfig{Enable: true, Idle: 1 * time.Second, Interval: 1 * time.Second, Count: 9}
	impatient := patient
	impatient.Count = missed - 1
	client, server := peer.PairNoKeepalive(x)
	control, controlServer := peer.PairNoKeepalive(x)
	require.NoError(t, client.SetKeepAliveConfig(patient))
	require.NoError(t, control.SetKeepAliveConfig(impatient))

	x.Step("the hosts of two servers vanish: for %d probes", missed)
	link.Vanish(x, server)
	link.Vanish(x, controlServer)
	kernel.AwaitTCPInfo(x, harness.Client, client, func(i kernel.TCPInfo) bool { return i.Probes >= missed })
	_, err := control.Read(make([]byte, 1))
	x.Outcome(harness.Client, "Read of the one with %d probe: %v", impatient.Count, cause(err))
	assert.ErrorIs(t, err, unix.ETIMEDOUT)

	x.Step("the more patient client's server returns, and the next probe is answered")
	link.Return(x, server)
	info := kernel.AwaitTCPInfo(x, harness.Client, client, func(i kernel.TCPInfo) bool { return i.Probes == 0 })
	assert.Equal(t, kernel.Established, info.State)
	_, err = server.Write([]byte("!"))
	require.NoError(t, err)
	_, err = io.ReadFull(client, make([]byte, 1))
	x.Outcome(harness.Client, "Read of the one with %d: %v", patient.Count, cause(err))
	assert.NoError(t, err)
}

// TestWhatWasSentDuringOutageArrivesWhole: what either side writes while the other can't be reached
// arrives whole when it can be again, though probes had gone unanswered.
//
// Claim: Beyond the chapter.
func TestWhatWasSentDuringOutageArrivesWhole(t *testing.T) {
	x := harness.Start(t, link.VanishingPeers)
	const question, more = "are you ", "there?"
	client, server := peer.PairNoKeepalive(x)
	patient := net.KeepAliveConfig{Enable: true, Idle: 1 * time.Second, Interval: 1 * time.Second, Count: 9}
	require.NoError(t, client.SetKeepAliveConfig(patient))

	x.Step("the server's host vanishes, and the first probe goes unanswered")
	link.Vanish(x, server)
	kernel.AwaitTCPInfo(x, harness.Client, client, func(i kernel.TCPInfo) bool { return i.Probes > 0 })
	x.Step("the client writes, twice, and its kernel sends it again in vain")
	for _, words := range []string{question, more} {
		_, err := client.Write([]byte(words))
		require.NoError(t, err)
	}
	kernel.AwaitTCPInfo(x, harness.Client, client, func(i kernel.TCPInfo) bool { return i.Retransmits > 0 })
	assert.Equal(t, len(question+more), kernel.Unacknowledged(x, client))

	x.Step("the host returns")
	link.Return(x, server)
	got := make([]byte, len(question+more))
	_, err := io.ReadFull(server, got)
	x.Outcome(harness.Server, "Read: %q, %v", got, cause(err))
	require.NoError(t, err)
	assert.Equal(t, question+more, string(got))
	info := kernel.AwaitTCPInfo(x, harness.Client, client, func(i kernel.TCPInfo) bool { return i.Unacked == 0 })
	assert.Equal(t, kernel.Established, info.State)
	assert.Zero(t, info.Probes)
}
