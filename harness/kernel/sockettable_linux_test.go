package kernel_test

import (
	"net"
	"net/netip"
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

func TestSocketTableFollowsConnectionToItsEnd(t *testing.T) {
	x := harness.Start(t, kernel.SocketTable)
	listener := peer.ListenNoKeepalive(x)
	address := listener.Addr().String()
	kernel.AwaitSockets(x, address, kernel.Listening)

	client := peer.DialNoKeepalive(x, address)
	server, err := listener.AcceptTCP()
	require.NoError(t, err)
	x.Own(server)
	own := client.LocalAddr().String()
	kernel.AwaitSockets(x, address, kernel.Listening, kernel.Established)
	assert.Equal(t, []kernel.Socket{{
		Local:  netip.MustParseAddrPort(own),
		Remote: netip.MustParseAddrPort(address),
		State:  kernel.Established,
		Timer:  kernel.NoTimer,
	}}, kernel.AwaitConnection(x, own, address, kernel.Established))

	require.NoError(t, server.Close())
	kernel.AwaitConnection(x, own, address, kernel.CloseWait)
	kernel.AwaitSockets(x, address, kernel.Listening, kernel.FinWait2)
	require.NoError(t, listener.Close())
	require.NoError(t, client.Close())
	kernel.AwaitConnection(x, own, address)
	left := kernel.AwaitSockets(x, address, kernel.TimeWait)[0]
	assert.Equal(t, kernel.TimeWaitTimer, left.Timer)
	assert.Positive(t, left.Left)
	assert.LessOrEqual(t, left.Left, 60*time.Second, "TCP_TIMEWAIT_LEN")
}

func TestSocketTableTellsTimersApart(t *testing.T) {
	x := harness.Start(t, kernel.SocketTable, link.VanishingPeers)
	client, server := peer.PairNoKeepalive(x)
	own, remote := client.LocalAddr().String(), client.RemoteAddr().String()
	idle := net.KeepAliveConfig{Enable: true, Idle: time.Hour}
	require.NoError(t, client.SetKeepAliveConfig(idle))
	entry := kernel.AwaitConnection(x, own, remote, kernel.Established)[0]
	assert.Equal(t, kernel.KeepaliveTimer, entry.Timer)
	assert.LessOrEqual(t, entry.Left, idle.Idle)

	link.Vanish(x, server)
	_, err := client.Write([]byte("?"))
	require.NoError(t, err)
	entry = kernel.AwaitConnection(x, own, remote, kernel.Established)[0]
	assert.Equal(t, kernel.RetransmissionTimer, entry.Timer)
}

func TestStoryTellsTableOnce(t *testing.T) {
	t.Parallel()
	kept := t.TempDir()
	cmd := child.Command(t, "TestChildLooksIntoTable")
	cmd.Args = append(cmd.Args, "-test.artifacts", "-test.outputdir="+kept)
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, "%s", out)
	var told []string
	for _, e := range child.Story(t, child.FilesNamed(t, "story.json", kept)[0]).Events {
		if e.Kind == story.Table {
			told = append(told, e.Text)
		}
	}
	assert.Len(t, told, 2, "the table should be told twice: it is looked at three times, the second time with nothing new: %q", told)
}

func TestChildLooksIntoTable(t *testing.T) {
	x := harness.Start(t, kernel.SocketTable)
	address := peer.ListenReserved(x).Addr().String()
	kernel.AwaitSockets(x, address, kernel.Listening)
	kernel.AwaitSockets(x, address, kernel.Listening)
	x.Step("the story goes on")
	kernel.AwaitSockets(x, address, kernel.Listening)
}

func TestOnlyReservedPortIsAwaitedToBeFree(t *testing.T) {
	t.Parallel()
	out, err := child.Command(t, "TestChildAwaitsAnyPortToBeFree").CombinedOutput()
	require.Error(t, err)
	assert.Contains(t, string(out), "the system chose this port", "a port can have another owner at once, unless it is reserved")
}

func TestChildAwaitsAnyPortToBeFree(t *testing.T) {
	x := harness.Start(t, kernel.SocketTable)
	listener := peer.ListenNoKeepalive(x)
	require.NoError(t, listener.Close())
	kernel.AwaitSockets(x, listener.Addr().String())
}
