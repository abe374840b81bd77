package lab02_reuseaddr

import (
	"net"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"socketlabs/harness"
	"socketlabs/harness/peer"
)

// TestTwoListenersCannotShareAPort: while one program in Go listens on an address and port, a second one can't: Listen
// fails with EADDRINUSE. Once the first is gone, the second can listen.
//
// Claim: R7.
// Verdict: holds.
//
// Source: TestGoSetsOptionForListenersOnly shows that on Linux both listeners have SO_REUSEADDR.
//
// Predict: on Linux, two Go programs call Listen for one port, and Go sets SO_REUSEADDR for both; what does the second one get?
//   - [x] EADDRINUSE
//   - [ ] a part of the connections
//   - [ ] the port: the first one gets nothing any more
func TestTwoListenersCannotShareAPort(t *testing.T) {
	x := harness.Start(t)
	first := peer.ListenReserved(x) // nobody else takes the port while no server listens on it
	address := first.Addr().String()

	x.Step("a second server listens on %s, where the first does", address)
	second, err := net.Listen("tcp", address)
	x.Outcome(harness.Server, "Listen: %v", err)
	if err == nil {
		second.Close()
	}
	assert.ErrorIs(t, err, addressInUse)
	peer.DialNoKeepalive(x, address)

	x.Step("the first server closes its listener, and the second server tries again")
	require.NoError(t, harness.CloseEverywhere(first.Close))
	second, err = net.Listen("tcp", address)
	x.Outcome(harness.Server, "Listen: %v", err)
	require.NoError(t, err)
	x.Own(second)
}
