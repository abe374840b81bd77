package harness_test

import (
	"net/netip"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"socketlabs/harness"
)

func TestSocketTableFollowsConnectionToItsEnd(t *testing.T) {
	x := harness.Start(t, harness.SocketTable)
	listener := x.Listen()
	address := listener.Addr().String()
	x.AwaitSockets(address, harness.Listening)

	client := x.Dial(address)
	server, err := listener.AcceptTCP()
	require.NoError(t, err)
	x.Own(server)
	own, remote := client.LocalAddr().String(), netip.MustParseAddrPort(address)
	want := harness.Socket{Local: netip.MustParseAddrPort(own), Remote: remote, State: harness.Established, Timer: harness.NoTimer}
	assert.Equal(t, []harness.Socket{want}, x.SocketTable(own))
	x.AwaitSockets(address, harness.Listening, harness.Established)

	require.NoError(t, server.Close())
	x.AwaitSockets(own, harness.CloseWait)
	x.AwaitSockets(address, harness.Listening, harness.FinWait2)
	require.NoError(t, listener.Close())
	require.NoError(t, client.Close())
	x.AwaitSockets(own)
	left := x.AwaitSockets(address, harness.TimeWait)[0]
	assert.Equal(t, harness.TimeWaitTimer, left.Timer)
	assert.Positive(t, left.Left)
	assert.LessOrEqual(t, left.Left, 60*time.Second, "TCP_TIMEWAIT_LEN")
}

func TestSocketTableHasWhatTheTimerDoes(t *testing.T) {
	x := harness.Start(t, harness.SocketTable, harness.VanishingPeers)
	client, server := x.Pair()
	x.Vanish(server)
	_, err := client.Write([]byte("?"))
	require.NoError(t, err)
	entry := x.SocketTable(client.LocalAddr().String())
	require.Len(t, entry, 1)
	assert.Equal(t, harness.RetransmissionTimer, entry[0].Timer)
	assert.Equal(t, harness.Established, entry[0].State)
}
