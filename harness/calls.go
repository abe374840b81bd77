package harness

import (
	"bytes"
	"fmt"
	"runtime"
	"time"

	"socketlabs/harness/timeline"
)

// Call is a call that was begun in a goroutine of its own, because it will block.
type Call struct {
	x        *Experiment
	side     timeline.Lane
	what     string
	returned chan struct{}
	err      error
}

// Begin makes a call in a goroutine of its own. It returns as soon as the call blocks or returns,
// so that what the test does next happens to a call that waits.
func (x *Experiment) Begin(side timeline.Lane, what string, call func() error) *Call {
	c := &Call{x: x, side: side, what: what, returned: make(chan struct{})}
	begun := make(chan []byte, 1)
	x.note(side, timeline.Begin, what+" …")
	x.work.Go(func() {
		defer close(c.returned)
		begun <- goroutineID()
		c.err = call()
		if !x.hasEnded() {
			x.note(side, timeline.Outcome, fmt.Sprintf("%s: %s", what, errorText(c.err)))
		}
	})
	c.waitUntilBlocked(<-begun)
	return c
}

// AssertStillWaiting fails the test if the call has returned.
func (c *Call) AssertStillWaiting() bool {
	c.x.t.Helper()
	select {
	case <-c.returned:
		c.x.t.Errorf("%s should be waiting still, and has returned: %s", c.what, errorText(c.err))
		return false
	default:
		c.x.Outcome(c.side, "%s: still waiting", c.what)
		return true
	}
}

// Wait waits until the call has returned, and gives its error.
func (c *Call) Wait() error {
	<-c.returned
	return c.err
}

func errorText(err error) string {
	if err == nil {
		return "no error"
	}
	return err.Error()
}

// waitUntilBlocked asks the scheduler what the call's goroutine does, until it is blocked in the
// poller ("IO wait"), in a blocking system call or on a channel.
func (c *Call) waitUntilBlocked(id []byte) {
	poll := time.NewTicker(time.Millisecond)
	defer poll.Stop()
	for !isBlocked(id) {
		select {
		case <-c.returned:
			return
		case <-poll.C:
		}
	}
}

// goroutineID is the number of the goroutine that asks, as stack traces print it.
func goroutineID() []byte {
	trace := make([]byte, 64) // "goroutine 1234 [running]:"
	trace = trace[:runtime.Stack(trace, false)]
	return bytes.Fields(trace)[1]
}

func isBlocked(id []byte) bool {
	traces := make([]byte, 64<<10)
	for {
		n := runtime.Stack(traces, true)
		if n < len(traces) {
			traces = traces[:n]
			break
		}
		traces = make([]byte, 2*len(traces))
	}
	_, rest, found := bytes.Cut(traces, fmt.Appendf(nil, "goroutine %s [", id))
	if !found {
		return false
	}
	for _, state := range []string{"IO wait", "syscall", "select", "chan receive"} {
		if bytes.HasPrefix(rest, []byte(state)) {
			return true
		}
	}
	return false
}
