package lab01_timeout

import (
	"context"
	"errors"
	"net"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"socketlabs/harness"
	"socketlabs/harness/link"
	"socketlabs/harness/peer"
)

// TestDialTimeoutGivesUp: a dial with a time-out gives up on a handshake that nobody answers; one
// without goes on.
//
// Claim: T2.
// Verdict: holds.
func TestDialTimeoutGivesUp(t *testing.T) {
	x := harness.Start(t, peer.UnansweredConnects)
	const patience = 300 * time.Millisecond
	full := peer.FullBacklog(x)

	x.Step("one client dials a listener whose backlog is full, with no time-out")
	ctx, giveUp := context.WithCancel(t.Context())
	defer giveUp()
	control := x.Begin(harness.Client, "Dial with no time-out", func() error {
		_, err := new(net.Dialer).DialContext(ctx, "tcp", full)
		return err
	})

	begun := x.Step("another dials with a time-out of %v", patience)
	dialer := net.Dialer{Timeout: patience}
	_, err := dialer.Dial("tcp", full)
	x.Outcome(harness.Client, "Dial with a time-out: %v", err)

	assert.True(t, isDialTimeout(err), "Dial: %v", err)
	x.AssertNeverEarlier(begun, patience)
	control.AssertStillWaiting()
}

// TestDialTimeoutAgainstVanishedListener: it is the same whether a backlog is full or the host is
// gone: the SYN is not answered, and only the time-out ends the wait.
//
// Claim: T1, T2.
// Verdict: holds.
func TestDialTimeoutAgainstVanishedListener(t *testing.T) {
	x := harness.Start(t, link.VanishingPeers)
	const patience = 300 * time.Millisecond
	listener := peer.ListenNoKeepalive(x)
	dialer := net.Dialer{Timeout: patience}

	x.Step("the server's host vanishes")
	link.Vanish(x, listener)
	begun := x.Step("the client dials with a time-out of %v", patience)
	_, err := dialer.Dial("tcp", listener.Addr().String())
	x.Outcome(harness.Client, "Dial: %v", err)

	assert.True(t, isDialTimeout(err), "Dial: %v; if it was answered, the host has not vanished", err)
	x.AssertNeverEarlier(begun, patience)

	x.Step("the host returns, and the client dials again")
	link.Return(x, listener)
	peer.DialNoKeepalive(x, listener.Addr().String())
}

// TestContextCancelsDial: cancelling the context ends a dial that waits, and that is no time-out.
//
// Claim: Beyond the chapter.
func TestContextCancelsDial(t *testing.T) {
	x := harness.Start(t, peer.UnansweredConnects)
	full := peer.FullBacklog(x)

	x.Step("the client dials a listener whose backlog is full, with a context and no time-out")
	ctx, cancel := context.WithCancel(t.Context())
	dial := x.Begin(harness.Client, "DialContext", func() error {
		_, err := new(net.Dialer).DialContext(ctx, "tcp", full)
		return err
	})
	dial.AssertStillWaiting()

	x.Step("the context is cancelled")
	cancel()
	err := dial.Wait()

	assert.ErrorIs(t, err, context.Canceled)
	assert.False(t, isDialTimeout(err), "a cancelled dial must not pass for a time-out")
}

// isDialTimeout: the dialer's context and Go's poller watch the same moment, and whichever is first
// names the error. On an idle machine it is mostly the context, on a busy one mostly the poller.
func isDialTimeout(err error) bool {
	return errors.Is(err, context.DeadlineExceeded) || errors.Is(err, os.ErrDeadlineExceeded)
}
