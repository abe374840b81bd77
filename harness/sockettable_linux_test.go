package harness_test

import (
	"net"
	"net/netip"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"socketlabs/harness"
	"socketlabs/harness/timeline"
)

func TestSocketTableFollowsConnectionToItsEnd(t *testing.T) {
	x := harness.Start(t, harness.SocketTable)
	listener := x.ListenNoKeepalive()
	address := listener.Addr().String()
	x.AwaitSockets(address, harness.Listening)

	client := x.DialNoKeepalive(address)
	server, err := listener.AcceptTCP()
	require.NoError(t, err)
	x.Own(server)
	own := client.LocalAddr().String()
	x.AwaitSockets(address, harness.Listening, harness.Established)
	assert.Equal(t, []harness.Socket{{
		Local:  netip.MustParseAddrPort(own),
		Remote: netip.MustParseAddrPort(address),
		State:  harness.Established,
		Timer:  harness.NoTimer,
	}}, x.AwaitConnection(own, address, harness.Established))

	require.NoError(t, server.Close())
	x.AwaitConnection(own, address, harness.CloseWait)
	x.AwaitSockets(address, harness.Listening, harness.FinWait2)
	require.NoError(t, listener.Close())
	require.NoError(t, client.Close())
	x.AwaitConnection(own, address)
	left := x.AwaitSockets(address, harness.TimeWait)[0]
	assert.Equal(t, harness.TimeWaitTimer, left.Timer)
	assert.Positive(t, left.Left)
	assert.LessOrEqual(t, left.Left, 60*time.Second, "TCP_TIMEWAIT_LEN")
}

func TestSocketTableTellsTimersApart(t *testing.T) {
	x := harness.Start(t, harness.SocketTable, harness.VanishingPeers)
	client, server := x.PairNoKeepalive()
	own, remote := client.LocalAddr().String(), client.RemoteAddr().String()
	idle := net.KeepAliveConfig{Enable: true, Idle: time.Hour}
	require.NoError(t, client.SetKeepAliveConfig(idle))
	entry := x.AwaitConnection(own, remote, harness.Established)[0]
	assert.Equal(t, harness.KeepaliveTimer, entry.Timer)
	assert.LessOrEqual(t, entry.Left, idle.Idle)

	x.Vanish(server)
	_, err := client.Write([]byte("?"))
	require.NoError(t, err)
	entry = x.AwaitConnection(own, remote, harness.Established)[0]
	assert.Equal(t, harness.RetransmissionTimer, entry.Timer)
}

func TestStoryTellsTableOnce(t *testing.T) {
	kept := t.TempDir()
	cmd := child(t, "TestChildLooksIntoTable")
	cmd.Args = append(cmd.Args, "-test.artifacts", "-test.outputdir="+kept)
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, "%s", out)
	var told []string
	for _, e := range storyIn(t, filesNamed(t, "timeline.json", kept)[0]).Events {
		if e.Kind == timeline.Check {
			told = append(told, e.Text)
		}
	}
	assert.Len(t, told, 2, "looked at three times, the second time with nothing new: %q", told)
}

func TestChildLooksIntoTable(t *testing.T) {
	onlyAsChild(t)
	x := harness.Start(t, harness.SocketTable)
	address := x.ListenReserved().Addr().String()
	x.AwaitSockets(address, harness.Listening)
	x.AwaitSockets(address, harness.Listening)
	x.Step("the story goes on")
	x.AwaitSockets(address, harness.Listening)
}
