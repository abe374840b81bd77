package lab01_timeout

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"socketlabs/harness"
	"socketlabs/harness/peer"
	"socketlabs/harness/process"
)

// chapterSample is the chapter's sample, as the chapter prints it.
const chapterSample = `import socket
# Create a TCP socket
sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
# Set a 10-second timeout for all subsequent operations on this socket
sock.settimeout(10.0) # Float value representing seconds
try:
    sock.connect(('example.com', 80))
    sock.send(b'GET / HTTP/1.1\r\nHost: example.com\r\n\r\n')
    # This recv will also be subject to the 10-second timeout
    data = sock.recv(4096)
    print(f"Received: {data.decode()}")
except socket.timeout:
    print("Operation timed out. The remote host is not responding.")
except socket.error as e:
    print(f"A socket error occurred: {e}")
finally:
    sock.close()
`

// runSamples runs Python programs, one after the other. For each, it prints as JSON what the program has printed, how
// long it took, and whether it has left its socket open.
const runSamples = `
import contextlib, io, json, sys, time
results = []
for sample in sys.argv[1:]:
    printed, names = io.StringIO(), {}
    begun = time.monotonic()
    with contextlib.redirect_stdout(printed):
        exec(sample, names)
    took = time.monotonic() - begun
    results.append({"printed": printed.getvalue(), "took": took, "left_open": names["sock"].fileno() >= 0})
print(json.dumps(results))
`

// TestSampleInPython: the chapter's sample, with the server's address and the timeout changed, distinguishes a server
// that does not respond in time from a server that refuses or resets the connection. It always closes its socket. If a
// server sends its response in parts, the sample treats the first part as the whole response.
//
// Claim: T2, T3, T5.
// Verdict: holds.
// Claim: T9.
// Verdict: holds, but one recv may get only a part of the response, and the sample treats it as the whole response.
func TestSampleInPython(t *testing.T) {
	x := harness.Start(t, peer.UnansweredConnects, process.Python)
	const (
		asPrinted = 10 * time.Second
		short     = 300 * time.Millisecond
		timedOut  = "Operation timed out. The remote host is not responding."
		anError   = "A socket error occurred: "
	)
	servers := []struct {
		does, address string
		timeout       time.Duration
		begins, ends  string // how the sample's output begins and ends
	}{
		{"answers", answering(x), asPrinted, "Received: HTTP/1.1 200 OK\r\n", "\r\n\r\nhello\n"},
		{"sends its answer in parts", answeringInParts(x), asPrinted, "Received: HTTP/1.1 200 OK\r\n", "OK\r\n\n"},
		{"is silent", peer.Silent(x), short, timedOut, "\n"},
		{"does not answer the connect", peer.FullBacklog(x), short, timedOut, "\n"},
		{"refuses", peer.Absent(x), asPrinted, anError, "Connection refused\n"},
		{"resets", resetting(x), asPrinted, anError, "Connection reset by peer\n"},
	}
	x.Step("the sample asks %d servers, one after the other", len(servers))
	var samples []string
	for _, server := range servers {
		samples = append(samples, aimedAt(t, server.address, server.timeout))
	}
	var results []struct {
		Printed  string  `json:"printed"`
		Took     float64 `json:"took"` // s
		LeftOpen bool    `json:"left_open"`
	}
	require.NoError(t, process.RunPython(x, runSamples, &results, samples...))
	require.Len(t, results, len(servers))

	for i, server := range servers {
		got := results[i]
		x.Outcome(harness.Client, "for a server that %s, with a timeout of %v, the sample prints %q", server.does, server.timeout, got.Printed)
		assert.True(t, strings.HasPrefix(got.Printed, server.begins) && strings.HasSuffix(got.Printed, server.ends),
			"for a server that %s, the sample prints %q (%q … %q expected)", server.does, got.Printed, server.begins, server.ends)
		assert.False(t, got.LeftOpen, "the sample should have closed its socket")
		if server.begins == timedOut {
			x.AssertAtLeast(time.Duration(got.Took*float64(time.Second)), server.timeout)
		}
	}
}

// aimedAt is the sample with another server in place of example.com, and with another timeout.
func aimedAt(t *testing.T, server string, timeout time.Duration) string {
	host, port, err := net.SplitHostPort(server)
	require.NoError(t, err)
	changes := []string{"('example.com', 80)", fmt.Sprintf("('%s', %s)", host, port), "10.0", fmt.Sprint(timeout.Seconds())}
	if strings.Contains(host, ":") {
		changes = append(changes, "AF_INET", "AF_INET6")
	}
	return strings.NewReplacer(changes...).Replace(chapterSample)
}

func answering(x *harness.Experiment) (address string) {
	return serveHTTP(x, &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		io.WriteString(w, "hello")
	})})
}

// answeringInParts sends the second part of its answer after the client has closed the connection, as if the network
// had delayed it.
func answeringInParts(x *harness.Experiment) (address string) {
	return peer.Serve(x, func(_ context.Context, conn *net.TCPConn) {
		io.WriteString(conn, "HTTP/1.1 200 OK\r\n")
		io.Copy(io.Discard, conn)
		io.WriteString(conn, "\r\nhello")
	})
}

func resetting(x *harness.Experiment) (address string) {
	return peer.Serve(x, func(_ context.Context, conn *net.TCPConn) {
		conn.Read(make([]byte, 1))
		conn.Close() // with the rest unread, which resets the connection
	})
}
