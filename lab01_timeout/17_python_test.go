package lab01_timeout

import (
	"fmt"
	"net"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"socketlabs/harness"
	"socketlabs/harness/peer"
	"socketlabs/harness/process"
)

// receiveAll calls settimeout once, and receives until the peer closes or a timeout fires. It prints what it has received,
// whether it timed out, and how long the last recv took.
const receiveAll = `
import json, socket, sys, time
host, port, timeout = sys.argv[1:]
connection = socket.create_connection((host, port))
connection.settimeout(float(timeout))
received, timed_out, data = b"", False, None
while data != b"":
    begun = time.monotonic()
    try:
        data = connection.recv(1)
    except socket.timeout:
        data, timed_out = b"", True
    took = time.monotonic() - begun
    received += data
print(json.dumps({"received": received.decode(), "timed_out": timed_out, "took": took}))
`

// TestPythonTimeoutIsForEachCall: Python's settimeout needs to be called only once: every later recv may take the full time.
//
// Claim: T6, T7.
// Verdict: holds.
func TestPythonTimeoutIsForEachCall(t *testing.T) {
	x := harness.Start(t, process.Python)
	type result struct {
		Received string  `json:"received"`
		TimedOut bool    `json:"timed_out"`
		Took     float64 `json:"took"` // s
	}
	receiveFrom := func(server string) (r result, err error) {
		host, port, err := net.SplitHostPort(server)
		if err != nil {
			return r, err
		}
		return r, process.RunPython(x, receiveAll, &r, host, port, fmt.Sprint(perCall.Seconds()))
	}
	silent, dripping := peer.Silent(x), peer.Dripping(x, drippedText, dripPause)

	x.Step("settimeout(%v), called once; one server sends nothing, the other sends a byte every %v, for %v", perCall, dripPause, inAll)
	var silence result
	fromSilent := x.Begin(harness.Client, "recv from the silent server", func() (err error) {
		silence, err = receiveFrom(silent)
		return err
	})
	begun := time.Now()
	conversation, err := receiveFrom(dripping)
	took := time.Since(begun)
	x.Outcome(harness.Client, "from the dripping server: %+v, %v", conversation, err)
	require.NoError(t, err)
	require.NoError(t, fromSilent.Wait())
	x.Outcome(harness.Client, "from the silent server: %+v", silence)

	assert.Equal(t, drippedText, conversation.Received)
	assert.False(t, conversation.TimedOut)
	x.AssertAtLeast(took, inAll)
	assert.Empty(t, silence.Received)
	assert.True(t, silence.TimedOut)
	x.AssertAtLeast(time.Duration(silence.Took*float64(time.Second)), perCall)
}

// newSockets prints the timeouts of three sockets whose timeout nobody has set: a new socket, a connected one, and one
// accepted from a listener that has a timeout.
const newSockets = `
import json, socket, sys
listener = socket.socket(socket.AF_INET6 if ":" in sys.argv[1] else socket.AF_INET)
listener.bind((sys.argv[1], 0))
listener.listen()
listener.settimeout(60)
connected = socket.create_connection(listener.getsockname()[:2])
accepted, _ = listener.accept()
print(json.dumps([s.gettimeout() for s in (socket.socket(), connected, accepted)]))
`

// TestPythonDefaultIsNoTimeout: Python's sockets have no timeout by default: gettimeout returns None. That holds for
// accepted sockets, too: they do not inherit the listener's timeout.
//
// Claim: T8.
// Verdict: holds.
//
// Predict: a Python listener has settimeout(60); what is the timeout of a socket that its accept returns?
//   - [ ] 60 s: it inherits the listener's
//   - [ ] the time that is left of the 60 s
//   - [x] none
func TestPythonDefaultIsNoTimeout(t *testing.T) {
	x := harness.Start(t, process.Python)
	host, _, err := net.SplitHostPort(harness.Loopback())
	require.NoError(t, err)

	x.Step("a Python program opens a socket, connects one, and accepts one from a listener with a timeout")
	var timeouts []any // Python's None arrives as nil
	require.NoError(t, process.RunPython(x, newSockets, &timeouts, host))
	x.Outcome(harness.Client, "their timeouts: %v", timeouts)
	assert.Equal(t, []any{nil, nil, nil}, timeouts)
}
