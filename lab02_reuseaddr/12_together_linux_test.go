package lab02_reuseaddr

import (
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"socketlabs/harness"
	"socketlabs/harness/kernel"
	"socketlabs/harness/peer"
)

// TestTwoBoundSocketsCoexist: two sockets can be bound to one address and port if both have SO_REUSEADDR. Only one of
// them can listen: while the first socket listens, listen on the second fails with EADDRINUSE.
//
// Claim: R8.
// Verdict: does not hold: nothing here is in TIME_WAIT, and the option lets two live sockets be bound to one
// address and port.
//
// Predict: two sockets with SO_REUSEADDR call bind for one port, without any TIME_WAIT, and then both call listen; which call fails?
//   - [ ] the second bind
//   - [ ] the first listen
//   - [x] the second listen
//   - [ ] none
func TestTwoBoundSocketsCoexist(t *testing.T) {
	x := harness.Start(t, kernel.SocketTable)
	for _, sockets := range []struct {
		reuse int
		bind  result // on the second socket
	}{
		{reuse: 0, bind: inUse},
		{reuse: 1, bind: ok},
	} {
		x.Step("two sockets are bound to one port, with SO_REUSEADDR = %d", sockets.reuse)
		first, second := open(t, x), open(t, x)
		require.NoError(t, unix.SetsockoptInt(first, unix.SOL_SOCKET, unix.SO_REUSEADDR, sockets.reuse))
		require.NoError(t, unix.SetsockoptInt(second, unix.SOL_SOCKET, unix.SO_REUSEADDR, sockets.reuse))
		require.NoError(t, unix.Bind(first, x.Sockaddr(peer.ReservedAddress(x)))) // nothing there is in TIME_WAIT
		address := addressOf(t, first)
		err := unix.Bind(second, x.Sockaddr(address))
		x.Outcome(harness.Server, "bind, the second: %v", err)
		require.Equal(t, sockets.bind, resultOf(err), "with SO_REUSEADDR = %d", sockets.reuse)
		if err != nil {
			continue
		}

		x.Step("both sockets listen, the first one first")
		require.NoError(t, unix.Listen(first, 1))
		err = unix.Listen(second, 1)
		x.Outcome(harness.Server, "listen, the second: %v", err)
		require.ErrorIs(t, err, unix.EADDRINUSE)
		kernel.AwaitSockets(x, address, kernel.Listening)

		x.Step("the first socket stops listening, and the second one tries again")
		require.NoError(t, unix.Shutdown(first, unix.SHUT_RDWR))
		err = unix.Listen(second, 1)
		x.Outcome(harness.Server, "listen, the second: %v", err)
		require.NoError(t, err)
		kernel.AwaitSockets(x, address, kernel.Listening)
	}
}
