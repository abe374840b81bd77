package lab01_timeout

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"socketlabs/harness"
	"socketlabs/harness/peer"
)

// TestSampleTellsSilentServerFromAbsentOne: the chapter's sample in Go connects, sends a GET and receives, each step
// with a timeout. It distinguishes a timeout from every other error, and always closes the connection.
//
// Claim: T9.
// Verdict: holds, but after a timeout the server may still respond, and one receive may get only a part of the response.
func TestSampleTellsSilentServerFromAbsentOne(t *testing.T) {
	t.Parallel()
	const (
		generous = 10 * time.Second // the timeout in the chapter's sample
		short    = 300 * time.Millisecond
	)
	for _, server := range []struct {
		name    string
		needs   []harness.Need
		start   func(*harness.Experiment) (address string, clientHasClosed <-chan struct{})
		timeout time.Duration
		want    string
	}{
		{"slow", nil, slowServer, generous, "HTTP/1.1 200 OK"},
		{"silent", nil, silentServer, short, "no answer within 300ms"},
		{"unreachable", []harness.Need{peer.UnansweredConnects}, unreachableServer, short, "no answer within 300ms"},
		{"absent", nil, absentServer, generous, "an error that is not a timeout"},
	} {
		t.Run(server.name, func(t *testing.T) {
			x := harness.Start(t, server.needs...)
			address, clientHasClosed := server.start(x)

			x.Step("the client asks the %s server, with a timeout of %v for each call", server.name, server.timeout)
			answer, err := fetch(address, server.timeout)
			x.Outcome(harness.Client, "fetch: %q, %v", answer, err)
			var got string
			switch {
			case err == nil:
				got, _, _ = strings.Cut(answer, "\r\n")
			case errors.Is(err, os.ErrDeadlineExceeded), errors.Is(err, context.DeadlineExceeded): // of Read or Write; of Dial
				got = "no answer within " + server.timeout.String()
			default:
				got = "an error that is not a timeout"
			}
			assert.Equal(t, server.want, got)
			var failed *net.OpError
			isConnected := !errors.As(err, &failed) || failed.Op != "dial"
			if clientHasClosed != nil && isConnected { // on a busy machine, the dial may time out, too
				x.Step("the server waits until the client has closed the connection")
				<-clientHasClosed
			}
		})
	}
}

// fetch connects, sends a request and receives, each within the timeout, as the chapter's sample does. Like the sample,
// it receives only once, and may get only a part of the answer.
func fetch(address string, timeout time.Duration) (answer string, err error) {
	conn, err := net.DialTimeout("tcp", address, timeout)
	if err != nil {
		return "", err
	}
	defer conn.Close()

	// Go's deadlines are absolute times. To give each call its full time, set a new deadline before each call.
	if err := conn.SetWriteDeadline(time.Now().Add(timeout)); err != nil {
		return "", err
	}
	if _, err := io.WriteString(conn, "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"); err != nil {
		return "", err
	}
	if err := conn.SetReadDeadline(time.Now().Add(timeout)); err != nil {
		return "", err
	}
	buf := make([]byte, 4096)
	n, err := conn.Read(buf)
	return string(buf[:n]), err
}

func slowServer(x *harness.Experiment) (address string, clientHasClosed <-chan struct{}) {
	const slowly = 50 * time.Millisecond
	closed := make(chan struct{})
	return serveHTTP(x, &http.Server{
		Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			time.Sleep(slowly)
			io.WriteString(w, "hello")
		}),
		ConnState: func(_ net.Conn, state http.ConnState) {
			if state == http.StateClosed {
				close(closed)
			}
		},
	}), closed
}

func silentServer(x *harness.Experiment) (address string, clientHasClosed <-chan struct{}) {
	closed := make(chan struct{})
	return peer.Serve(x, func(_ context.Context, conn *net.TCPConn) {
		io.Copy(io.Discard, conn)
		close(closed)
	}), closed
}

func unreachableServer(x *harness.Experiment) (address string, never <-chan struct{}) {
	return peer.FullBacklog(x), nil
}

func absentServer(x *harness.Experiment) (address string, never <-chan struct{}) {
	return peer.Absent(x), nil
}
