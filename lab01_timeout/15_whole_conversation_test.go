package lab01_timeout

import (
	"context"
	"io"
	"net"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"socketlabs/harness"
	"socketlabs/harness/peer"
)

// TestRearmedDeadlineIsForEachRead: a deadline that is set again before each read ends the read from a silent peer. Such a
// deadline does not end a conversation in which no pause is longer than the timeout, however long the conversation takes.
//
// Claim: T6.
// Verdict: holds if the deadline is set before each call.
// Claim: T7.
// Verdict: holds if the deadline is set before each call.
func TestRearmedDeadlineIsForEachRead(t *testing.T) {
	x := harness.Start(t)
	require.Greater(t, inAll, perCall, "the conversation should take longer than the timeout of one call, else the experiment shows nothing")
	readAll := func(conn net.Conn) (got []byte, err error) {
		for buf := make([]byte, 1); ; {
			if err := conn.SetReadDeadline(time.Now().Add(perCall)); err != nil {
				return got, err
			}
			n, err := conn.Read(buf)
			if err != nil {
				return got, err
			}
			got = append(got, buf[:n]...)
		}
	}

	x.Step("a deadline of %v for each read; one server sends nothing, the other sends a byte every %v, for %v", perCall, dripPause, inAll)
	silent := peer.DialNoKeepalive(x, peer.Silent(x))
	silence := x.Begin(harness.Client, "read from the silent server", func() error {
		_, err := readAll(silent)
		return err
	})
	dripping := peer.Dripping(x, drippedText, dripPause)
	begun := time.Now()
	got, err := readAll(peer.DialNoKeepalive(x, dripping))
	took := time.Since(begun)
	x.Outcome(harness.Client, "read %q, then %v", got, err)

	assert.ErrorIs(t, err, io.EOF)
	assert.Equal(t, drippedText, string(got))
	x.AssertAtLeast(took, inAll)
	assert.ErrorIs(t, silence.Wait(), os.ErrDeadlineExceeded)
	x.AssertAtLeast(silence.Took(), perCall)
}

// TestDeadlineSetOnceEndsConversation: Go's deadline is an absolute time, not a duration. Set once, it ends the
// conversation in the middle, although the peer keeps talking.
//
// Claim: T6.
// Verdict: does not hold: a Go deadline that is set once limits all later calls together.
// Claim: T7.
// Verdict: does not hold: a Go deadline that is set once leaves later calls only the rest of the time.
//
// Predict: a read deadline is set once, 2 s ahead, and a byte comes every 250 ms; how does io.ReadAll end?
//   - [x] after 2 s, with a timeout
//   - [ ] with the last byte: no wait is longer than 250 ms
//   - [ ] 2 s after the last byte, with a timeout
func TestDeadlineSetOnceEndsConversation(t *testing.T) {
	x := harness.Start(t)
	const patience = 2 * time.Second // longer than a pause of the server, and shorter than the conversation
	dripping := peer.Dripping(x, endlessText, dripPause)
	plain := peer.DialNoKeepalive(x, dripping)
	control := x.Begin(harness.Client, "ReadAll with no deadline", func() error {
		_, err := io.ReadAll(plain)
		return err
	})

	x.Step("a deadline %v from now, set once; the server sends a byte every %v", patience, dripPause)
	client := peer.DialNoKeepalive(x, dripping)
	begun := time.Now()
	require.NoError(t, client.SetReadDeadline(begun.Add(patience)))
	got, err := io.ReadAll(client)
	took := time.Since(begun)
	x.Outcome(harness.Client, "read %q, then %v", got, err)

	assert.ErrorIs(t, err, os.ErrDeadlineExceeded)
	assert.NotEmpty(t, got, "the server should have begun to answer")
	x.AssertAtLeast(took, patience)
	control.AssertStillWaiting()
}

// TestOneDeadlineBoundsWholeExchange: one deadline, given to the dial and to the connection, bounds connecting, sending
// and receiving together, whichever step waits.
//
// Claim: T6.
// Verdict: does not hold: one Go deadline, given to all calls, limits the whole request.
func TestOneDeadlineBoundsWholeExchange(t *testing.T) {
	t.Parallel()
	const budget = 1500 * time.Millisecond
	for _, wait := range []struct {
		name    string
		needs   []harness.Need
		server  func(*harness.Experiment) (address string)
		request int // bytes
	}{
		{"connecting", []harness.Need{peer.UnansweredConnects}, peer.FullBacklog, 1},
		{"sending", nil, func(x *harness.Experiment) string { return peer.Stalled(x).Address }, moreThanBuffersHold},
		{"receiving", nil, func(x *harness.Experiment) string { return peer.Dripping(x, endlessText, dripPause) }, 1},
	} {
		t.Run(wait.name, func(t *testing.T) {
			x := harness.Start(t, wait.needs...)
			ctx, giveUp := context.WithCancel(t.Context())
			defer giveUp()
			exchange := func(server string, deadline time.Time) error {
				dialer := net.Dialer{Deadline: deadline}
				conn, err := dialer.DialContext(ctx, "tcp", server)
				if err != nil {
					return err
				}
				x.Own(conn)
				if err := conn.SetDeadline(deadline); err != nil {
					return err
				}
				if _, err := conn.Write(make([]byte, wait.request)); err != nil {
					return err
				}
				_, err = io.ReadAll(conn)
				return err
			}
			plain, server := wait.server(x), wait.server(x)
			control := x.Begin(harness.Client, "the exchange with no deadline", func() error { return exchange(plain, noDeadline) })

			x.Step("the client connects, sends and receives, with one deadline %v from now", budget)
			begun := time.Now()
			err := exchange(server, begun.Add(budget))
			took := time.Since(begun)
			x.Outcome(harness.Client, "the exchange: %v", err)

			assert.True(t, isOurTimeout(err), "the exchange should time out; got: %v", err)
			x.AssertAtLeast(took, budget)
			control.AssertStillWaiting()
		})
	}
}
