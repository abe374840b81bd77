package lab01_timeout

import (
	"context"
	"net"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/assert"

	"socketlabs/harness"
	"socketlabs/harness/peer"
)

// TestDialTimeoutIsOneOfTwoErrors: two timers can end a dial: the timer of its context, and the timer of Go's poller.
// The first one to fire decides which error errors.Is finds: context.DeadlineExceeded, or os.ErrDeadlineExceeded. In
// both cases, the dial's error prints "i/o timeout".
//
// Claim: T5.
// Verdict: holds if the program checks for both errors: a dial that times out returns one or the other, and which one
// is a race.
//
// Predict: net.DialTimeout has timed out; which error does errors.Is find?
//   - [ ] os.ErrDeadlineExceeded, as from Read and Write
//   - [ ] context.DeadlineExceeded, always
//   - [x] one of the two: which one is a race
//   - [ ] both
func TestDialTimeoutIsOneOfTwoErrors(t *testing.T) {
	t.Parallel()
	for _, watcher := range []struct {
		name  string
		alone func(context.Context) context.Context
		want  answer
	}{
		{"the context alone", func(ctx context.Context) context.Context { return withoutDeadline{ctx} },
			answer{[]string{"context.DeadlineExceeded"}, true}},
		{"the poller alone", func(ctx context.Context) context.Context { return neverDone{ctx, make(chan struct{})} },
			answer{[]string{"os.ErrDeadlineExceeded"}, true}},
	} {
		t.Run(watcher.name, func(t *testing.T) {
			x := harness.Start(t, peer.UnansweredConnects)
			full := peer.FullBacklog(x)

			connects := false
			dialer := net.Dialer{Control: func(_, _ string, _ syscall.RawConn) error {
				connects = true
				return nil
			}}
			for patience := 300 * time.Millisecond; !connects; patience *= 2 { // a busy machine may need longer to begin the connect
				x.Step("the client dials a listener whose backlog is full; %s watches the timeout of %v", watcher.name, patience)
				begun := time.Now()
				ctx, cancel := context.WithDeadline(t.Context(), begun.Add(patience))
				defer cancel()
				_, err := dialer.DialContext(watcher.alone(ctx), "tcp", full)
				took := time.Since(begun)
				got := ask(err)
				x.Outcome(harness.Client, "%v: errors.Is finds %q, Timeout() is %v", err, got.Is, got.Timeout)
				if !connects {
					continue
				}
				assert.Empty(t, cmp.Diff(watcher.want, got), "what Go says about %q (-want +got)", err)
				assert.ErrorContains(t, err, "i/o timeout")
				assert.True(t, isOurTimeout(err))
				x.AssertAtLeast(took, patience)
			}
		})
	}
}

// withoutDeadline is a context that ends at its deadline, and does not tell the dialer when that is. So the dialer
// gives the poller no deadline.
type withoutDeadline struct{ context.Context }

func (withoutDeadline) Deadline() (deadline time.Time, ok bool) { return noDeadline, false }

// neverDone is a context that has a deadline, and does not end at it. So only the poller looks at the clock.
type neverDone struct {
	context.Context
	never <-chan struct{}
}

func (c neverDone) Done() <-chan struct{} { return c.never }
