package lab01_timeout

import (
	"fmt"
	"net"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"socketlabs/harness"
	"socketlabs/harness/peer"
	"socketlabs/harness/process"
)

// catchTimeouts makes two calls: recv runs into the timeout of settimeout, and connect into the kernel's timeout. It prints
// what they raise.
const catchTimeouts = `
import errno, json, socket, sys
silent, full, ours, kernels = (sys.argv[1], int(sys.argv[2])), (sys.argv[3], int(sys.argv[4])), float(sys.argv[5]), int(sys.argv[6])

def caught(call):
    try:
        call()
    except OSError as e:
        return {"timeout": isinstance(e, socket.timeout), "errno": errno.errorcode.get(e.errno, "")}

connection = socket.create_connection(silent)
connection.settimeout(ours)
connecting = socket.socket(connection.family)
connecting.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, kernels)
print(json.dumps({
    "one_type": socket.timeout is TimeoutError,
    "since_3_10": sys.version_info >= (3, 10),
    "ours": caught(lambda: connection.recv(1)),
    "kernels": caught(lambda: connecting.connect(full)),
}))
`

// TestPythonCatchesKernelTimeoutAsOurs: since Python 3.10, socket.timeout and TimeoutError are the same class, and
// Python raises it for the kernel's ETIMEDOUT, too. So "except socket.timeout" catches the timeout of settimeout and the
// kernel's timeout. Only the error number distinguishes them.
//
// Claim: T5.
// Verdict: holds, but since Python 3.10 only if the program checks errno as well: a timeout of settimeout and the
// kernel's ETIMEDOUT are the same exception.
//
// Predict: the kernel gives up on a connection with ETIMEDOUT; does "except socket.timeout" catch this error in Python 3.10?
//   - [x] yes
//   - [ ] no: it is an OSError of another type
//   - [ ] only if settimeout was called
func TestPythonCatchesKernelTimeoutAsOurs(t *testing.T) {
	x := harness.Start(t, peer.UnansweredConnects, process.Python)
	const ours, kernels = 300 * time.Millisecond, 500 * time.Millisecond
	type caught struct {
		Timeout bool
		Errno   string
	}
	var got struct {
		OneType       bool `json:"one_type"`
		Since310      bool `json:"since_3_10"`
		Ours, Kernels caught
	}
	silentHost, silentPort, err := net.SplitHostPort(peer.Silent(x))
	require.NoError(t, err)
	fullHost, fullPort, err := net.SplitHostPort(peer.FullBacklog(x))
	require.NoError(t, err)

	x.Step("a Python program receives with settimeout(%v), and connects without settimeout, with TCP_USER_TIMEOUT = %v", ours, kernels)
	require.NoError(t, process.RunPython(x, catchTimeouts, &got,
		silentHost, silentPort, fullHost, fullPort, fmt.Sprint(ours.Seconds()), fmt.Sprint(kernels.Milliseconds())))
	x.Outcome(harness.Client, "socket.timeout is TimeoutError: %v", got.OneType)
	assert.Equal(t, got.Since310, got.OneType, "socket.timeout should be TimeoutError since Python 3.10, and not before")
	x.Outcome(harness.Client, "at the timeout of settimeout: %+v; at the kernel's: %+v", got.Ours, got.Kernels)

	assert.Empty(t, cmp.Diff(caught{true, ""}, got.Ours), "what recv raises at the timeout of settimeout (-want +got)")
	assert.Empty(t, cmp.Diff(caught{got.OneType, "ETIMEDOUT"}, got.Kernels), "what connect raises at the kernel's timeout (-want +got)")
}
