package lab03_keepalive

import (
	"net"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"socketlabs/harness"
	"socketlabs/harness/kernel"
	"socketlabs/harness/peer"
	"socketlabs/harness/process"
	"socketlabs/harness/story"
)

// turnKeepaliveOn connects, and prints the keepalive options of the connection before and after it sets SO_KEEPALIVE.
const turnKeepaliveOn = `
import json, socket, sys

def keepalive(connection):
    option = connection.getsockopt
    return {
        "enable": option(socket.SOL_SOCKET, socket.SO_KEEPALIVE) != 0,
        "idle": option(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE),
        "interval": option(socket.IPPROTO_TCP, socket.TCP_KEEPINTVL),
        "count": option(socket.IPPROTO_TCP, socket.TCP_KEEPCNT),
    }

connection = socket.create_connection(sys.argv[1:])
before = keepalive(connection)
connection.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
print(json.dumps({"before": before, "after": keepalive(connection)}))
`

// TestPythonLeavesKeepaliveToTheSystem: a connection in Python has keepalive off, and the system's three settings.
// Setting SO_KEEPALIVE turns keepalive on and changes no setting.
//
// Claim: K8.
// Verdict: holds.
func TestPythonLeavesKeepaliveToTheSystem(t *testing.T) {
	x := harness.Start(t, kernel.Proc, process.Python)
	systemSettingsChange.RLock()
	defer systemSettingsChange.RUnlock()
	want := readSystemSettings(t, x)
	x.Step("the system says: idle %v, interval %v, %s", want.Idle, want.Interval, story.Count(want.Count, "probe"))
	host, port, err := net.SplitHostPort(peer.Silent(x))
	require.NoError(t, err)

	type options struct {
		Enable         bool
		Idle, Interval time.Duration // in seconds, as the kernel counts them
		Count          int
	}
	var python struct{ Before, After options }
	x.Step("a Python program connects, and sets SO_KEEPALIVE")
	require.NoError(t, process.RunPython(x, turnKeepaliveOn, &python, host, port))
	settings := func(o options) net.KeepAliveConfig {
		return net.KeepAliveConfig{Enable: o.Enable, Idle: o.Idle * time.Second, Interval: o.Interval * time.Second, Count: o.Count}
	}
	before, after := settings(python.Before), settings(python.After)
	x.Outcome(harness.Client, "connected: %+v", before)
	x.Outcome(harness.Client, "with SO_KEEPALIVE: %+v", after)
	assert.Empty(t, cmp.Diff(want, before), "settings of the connection (-want +got)")
	want.Enable = true
	assert.Empty(t, cmp.Diff(want, after), "settings of the connection with SO_KEEPALIVE (-want +got)")
}
