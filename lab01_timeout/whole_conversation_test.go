package lab01_timeout

import (
	"io"
	"net"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"socketlabs/harness"
	"socketlabs/harness/peer"
)

// The peer of these experiments is never silent for long, and takes its time over the whole. The
// time for each call is long enough for a busy machine, and still shorter than the whole.
const (
	drippedText = "0123456789"
	dripPause   = 250 * time.Millisecond
	inAll       = time.Duration(len(drippedText)-1) * dripPause
	perCall     = 2 * time.Second
)

// endlessText takes over a minute to drip: no experiment hears the end of it.
var endlessText = strings.Repeat(drippedText, 30)

// TestRearmedDeadlineIsForEachRead: a deadline that is set anew before each read never trips over a
// peer that keeps talking, however long the whole takes.
//
// Claim: T6, T7.
// Verdict: holds.
func TestRearmedDeadlineIsForEachRead(t *testing.T) {
	x := harness.Start(t)
	dripping := peer.Dripping(x, drippedText, dripPause)

	begun := x.Step("%v for each read; the server sends a byte every %v, %v in all", perCall, dripPause, inAll)
	client := peer.DialNoKeepalive(x, dripping)
	var got []byte
	for buf := make([]byte, 1); ; {
		require.NoError(t, client.SetReadDeadline(time.Now().Add(perCall)))
		n, err := client.Read(buf)
		if err == io.EOF {
			break
		}
		require.NoError(t, err)
		got = append(got, buf[:n]...)
	}
	x.Outcome(harness.Client, "read %q", got)

	assert.Equal(t, drippedText, string(got))
	x.AssertNeverEarlier(begun, inAll)
	assert.Greater(t, inAll, perCall, "else the experiment shows nothing")
}

// TestDeadlineSetOnceEndsConversation: Go's deadline is a moment, not a duration: set once, it ends
// the same conversation midway, though the peer was never silent for long.
//
// Claim: T6.
// Verdict: does not hold: in Go, where all calls share the time until the deadline. It holds for
// SO_RCVTIMEO and for Python's settimeout.
// Claim: T7.
// Verdict: does not hold: in Go, where a deadline set once fails every call after its moment. It holds
// for SO_RCVTIMEO and for Python's settimeout.
//
// Predict: a read deadline is set once, 1.5 s ahead, and a byte comes every 250 ms; how does io.ReadAll end?
//   - [x] after 1.5 s, with a time-out
//   - [ ] with the last byte: no wait is longer than 250 ms
//   - [ ] 1.5 s after the last byte, with a time-out
func TestDeadlineSetOnceEndsConversation(t *testing.T) {
	x := harness.Start(t)
	const patience = 1500 * time.Millisecond // more than a pause, and less than the whole
	dripping := peer.Dripping(x, endlessText, dripPause)
	plain := peer.DialNoKeepalive(x, dripping)
	control := x.Begin(harness.Client, "ReadAll with no deadline", func() error {
		_, err := io.ReadAll(plain)
		return err
	})

	client := peer.DialNoKeepalive(x, dripping)
	begun := x.Step("%v from now, set once; the server sends a byte every %v", patience, dripPause)
	require.NoError(t, client.SetReadDeadline(time.Now().Add(patience)))
	got, err := io.ReadAll(client)
	x.Outcome(harness.Client, "read %q, then %v", got, err)

	assert.ErrorIs(t, err, os.ErrDeadlineExceeded)
	assert.NotEmpty(t, got, "the server had begun to answer")
	x.AssertNeverEarlier(begun, patience)
	control.AssertStillWaiting()
}

// TestOneDeadlineBoundsWholeExchange: one moment, given to the dial and to the connection, bounds
// connecting, sending and receiving together.
//
// Claim: T6.
// Verdict: holds if the time-out is a duration; a moment bounds the whole, when that is wanted.
func TestOneDeadlineBoundsWholeExchange(t *testing.T) {
	x := harness.Start(t)
	const budget = 1500 * time.Millisecond
	dripping := peer.Dripping(x, endlessText, dripPause)
	exchange := func(deadline time.Time) ([]byte, error) {
		dialer := net.Dialer{Deadline: deadline}
		conn, err := dialer.Dial("tcp", dripping)
		if err != nil {
			return nil, err
		}
		x.Own(conn)
		if err := conn.SetDeadline(deadline); err != nil {
			return nil, err
		}
		if _, err := conn.Write([]byte("all of it, please")); err != nil {
			return nil, err
		}
		return io.ReadAll(conn)
	}
	var none time.Time
	control := x.Begin(harness.Client, "the exchange with no deadline", func() error {
		_, err := exchange(none)
		return err
	})

	begun := x.Step("connect, send and receive, with one deadline in %v", budget)
	got, err := exchange(time.Now().Add(budget))
	x.Outcome(harness.Client, "got %q, then %v", got, err)

	assert.ErrorIs(t, err, os.ErrDeadlineExceeded)
	x.AssertNeverEarlier(begun, budget)
	control.AssertStillWaiting()
}
