package lab01_timeout

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"socketlabs/harness"
	"socketlabs/harness/peer"
)

// What an http.Server does with a connection that is stuck in one phase of a request.
const (
	held  = "held"
	freed = "freed"
)

// row is a phase of a request, and what a server does in it: with none of the four timeouts, and with each one alone.
type row struct {
	phase                           string
	none, header, read, write, idle string
}

// TestEachServerTimeoutBoundsItsPhase: each of the four timeouts of http.Server bounds one phase of a request.
// ReadHeaderTimeout bounds the reading of the header. ReadTimeout bounds the reading of header and body. WriteTimeout
// bounds the writing of the response. IdleTimeout bounds the wait for the next request; without it, ReadTimeout bounds
// that wait. None of the four ends a handler.
//
// Claim: T6.
// Verdict: does not hold: each timeout of http.Server limits a whole phase of the request, however many calls that takes.
//
// Predict: which of http.Server's timeouts ends a handler that works for too long?
//   - [ ] ReadTimeout
//   - [ ] WriteTimeout
//   - [ ] IdleTimeout
//   - [x] none of them
func TestEachServerTimeoutBoundsItsPhase(t *testing.T) {
	x := harness.Start(t)
	want := []row{
		//                                none   header read   write  idle
		{"the header comes byte by byte", held, freed, freed, held, held},
		{"the body comes byte by byte", held, held, freed, held, held},
		{"the handler works", held, held, held, held, held},
		{"the client reads no answer", held, held, held, freed, held},
		{"the next request does not come", held, held, freed, held, freed},
	}
	const patience = 1 * time.Second

	x.Step("clients get stuck in each phase of a request; each server has one timeout of %v, or none", patience)
	var cells []*cell
	for i, w := range want {
		for _, c := range []struct {
			setting string
			server  *http.Server
			want    string
		}{
			{"no timeout", &http.Server{}, w.none},
			{"ReadHeaderTimeout", &http.Server{ReadHeaderTimeout: patience}, w.header},
			{"ReadTimeout", &http.Server{ReadTimeout: patience}, w.read},
			{"WriteTimeout", &http.Server{WriteTimeout: patience}, w.write},
			{"IdleTimeout", &http.Server{IdleTimeout: patience}, w.idle},
		} {
			cells = append(cells, stick(t, x, c.server, c.setting, want[i].phase, c.want))
		}
	}
	// The last connection begins after all others. When its timeout has passed, the timeouts of the others have passed,
	// too.
	begun := time.Now() // before the server begins to read
	last := stick(t, x, &http.Server{ReadHeaderTimeout: patience}, "ReadHeaderTimeout", want[0].phase, freed)
	last.let.Wait()
	x.AssertAtLeast(last.let.Since(begun), patience)

	got := make([]row, len(want))
	for i := range want {
		of := cells[5*i : 5*i+5]
		got[i] = row{want[i].phase, of[0].got(), of[1].got(), of[2].got(), of[3].got(), of[4].got()}
	}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(row{})); diff != "" {
		t.Errorf("what the servers did (-want +got):\n%s", diff)
	}
}

// cell is a connection that is stuck at a server.
type cell struct {
	want string
	let  *harness.Call // returns when the server lets the connection go
}

// got is what the server did with the connection. If the server should let the connection go, got waits until it does.
func (c *cell) got() string {
	if c.want == freed || c.let.ReturnsWithin(0) {
		c.let.Wait()
		return freed
	}
	return held
}

// stick starts the server, and connects a client that gets stuck in the given phase of its request.
func stick(t *testing.T, x *harness.Experiment, server *http.Server, setting, phase, want string) *cell {
	const asked, closed = "asked", "closed"
	events := make(chan string, 2)
	server.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateClosed {
			events <- closed
		}
	}
	server.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		events <- asked
		switch r.URL.Path {
		case "/body":
			io.Copy(io.Discard, r.Body)
		case "/work":
			<-x.Over()
		case "/large":
			w.Write(make([]byte, moreThanBuffersHold))
		}
	})
	address := serveHTTP(x, server)
	for isStuck := false; !isStuck; {
		client := peer.DialNoKeepalive(x, address)
		say := func(format string, args ...any) {
			_, err := fmt.Fprintf(client, format, args...)
			require.NoError(t, err)
		}
		const end = " HTTP/1.1\r\nHost: localhost\r\n\r\n"
		switch phase {
		case "the header comes byte by byte":
			peer.Drip(x, client, "GET / HTTP/1.1\r\nHost: "+endlessText, dripPause)
		case "the body comes byte by byte":
			say("POST /body HTTP/1.1\r\nHost: localhost\r\nContent-Length: %d\r\n\r\n", len(endlessText))
			peer.Drip(x, client, endlessText, dripPause)
		case "the handler works":
			say("GET /work" + end)
		case "the client reads no answer":
			say("GET /large" + end)
		case "the next request does not come":
			say("GET /" + end)
		}
		// On a busy machine, a timeout may pass in an earlier phase. If it has, another client connects.
		isStuck = phase == "the header comes byte by byte" || <-events == asked
		if isStuck && phase == "the next request does not come" {
			_, err := client.Read(make([]byte, 1))
			if isStuck = err == nil; !isStuck { // it has got no answer
				<-events
			}
		}
	}
	let := x.Launch(harness.Server, setting+", "+phase, func() error {
		select {
		case <-events:
		case <-x.Over():
		}
		return nil
	})
	return &cell{want, let}
}
