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
	"socketlabs/harness/peer"
)

// TestKeepaliveEndsCloseWaitOncePeerHasForgotten: if a program never closes a connection that its peer has
// closed, the connection stays in CLOSE_WAIT. Keepalive ends CLOSE_WAIT only after the peer's kernel has forgotten the
// connection: until then, that kernel answers the probes. Even when CLOSE_WAIT has ended, the program's descriptor
// stays open.
//
// Claim: K4.
// Verdict: holds, but when the peer's program has closed the connection, its kernel still answers probes until it forgets the connection.
//
// Predict: a server never closes a connection that its client has closed; does keepalive end CLOSE_WAIT?
//   - [ ] no: after a FIN, the kernel sends no probes
//   - [ ] yes, idle + count × interval after the FIN
//   - [x] yes, at the first probe after the client's kernel has forgotten the connection
func TestKeepaliveEndsCloseWaitOncePeerHasForgotten(t *testing.T) {
	x := harness.Start(t, kernel.Proc)
	const finWait2 = 1 // seconds until the clients' kernel forgets a closed connection in FIN_WAIT2
	x.Step("three clients half-close; two of them also close, and their kernel forgets these connections after %d s", finWait2)
	half, halfServer := peer.PairNoKeepalive(x)
	plain, plainServer := peer.PairNoKeepalive(x)
	closed, closedServer := peer.PairNoKeepalive(x)
	for _, client := range []*net.TCPConn{half, plain, closed} {
		require.NoError(t, client.CloseWrite())
		kernel.AwaitTCPInfo(x, harness.Client, client, func(i kernel.TCPInfo) bool { return i.State == kernel.FinWait2 })
	}
	begun := time.Now()
	for _, client := range []*net.TCPConn{plain, closed} { // in FIN_WAIT2: lab02_reuseaddr's TestUnclosedConnectionsStayInCloseWait says why
		raw, err := client.SyscallConn()
		require.NoError(t, err)
		require.NoError(t, raw.Control(func(fd uintptr) {
			require.NoError(t, unix.SetsockoptInt(int(fd), unix.IPPROTO_TCP, unix.TCP_LINGER2, finWait2))
		}))
		require.NoError(t, client.Close())
	}

	x.Step("the servers close none of the three connections; two servers turn keepalive on")
	for _, server := range []*net.TCPConn{halfServer, closedServer} {
		require.NoError(t, server.SetKeepAliveConfig(quickest))
		require.Equal(t, quickest, kernel.Keepalive(x, server))
	}
	read := func(server *net.TCPConn) error {
		_, err := server.Read(make([]byte, 1))
		return err
	}
	assert.ErrorIs(t, read(closedServer), io.EOF)
	assert.Equal(t, kernel.CloseWait, kernel.ReadTCPInfo(x, harness.Server, closedServer).State)
	before := kernel.ReadTCPInfo(x, harness.Server, halfServer)
	kernel.AwaitTCPInfo(x, harness.Server, closedServer, func(i kernel.TCPInfo) bool { return i.State == kernel.Closed })
	took := time.Since(begun)
	x.AssertAtLeast(took, finWait2*time.Second-harness.Tick())
	assert.ErrorIs(t, read(closedServer), io.EOF, "Read should still return io.EOF, and not ECONNRESET")
	assert.Equal(t, 1, kernel.DescriptorsAt(x, closedServer.LocalAddr().String()),
		"the program has not closed its descriptor, and should still have it")

	after := kernel.AwaitTCPInfo(x, harness.Server, halfServer, func(i kernel.TCPInfo) bool { return i.SegmentsIn > before.SegmentsIn })
	assert.Equal(t, kernel.CloseWait, after.State, "state with keepalive, while the client's kernel answers")
	assert.Equal(t, kernel.CloseWait, kernel.ReadTCPInfo(x, harness.Server, plainServer).State, "state without keepalive")

	x.Step("the server without keepalive writes, twice")
	_, err := plainServer.Write([]byte("!"))
	x.Outcome(harness.Server, "first Write: %v", cause(err))
	assert.NoError(t, err)
	kernel.AwaitTCPInfo(x, harness.Server, plainServer, func(i kernel.TCPInfo) bool { return i.State == kernel.Closed })
	_, err = plainServer.Write([]byte("!"))
	x.Outcome(harness.Server, "second Write: %v", cause(err))
	assert.ErrorIs(t, err, unix.EPIPE)
}
