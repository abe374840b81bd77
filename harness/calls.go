package harness

import (
	"bytes"
	"fmt"
	"runtime"
	"sync"
	"time"

	"socketlabs/harness/internal/event"
	"socketlabs/harness/story"
)

// Call is a call that was begun in a goroutine of its own, because it will block.
type Call struct {
	x        *Experiment
	side     story.Lane
	what     string
	began    time.Time
	returned chan struct{} // closed when began, ended and err are set
	ended    time.Time
	err      error
}

// Begin makes a call in a goroutine of its own. It returns as soon as the call blocks or returns,
// so that what the test does next happens while the call is waiting.
func (x *Experiment) Begin(side story.Lane, what string, call func() error) *Call {
	id := make(chan []byte, 1)
	c := x.launch(side, what, func() { id <- goroutineID() }, call)
	c.waitUntilBlocked(<-id)
	return c
}

// Launch makes a call in a goroutine of its own and returns at once: the call may not have begun yet.
func (x *Experiment) Launch(side story.Lane, what string, call func() error) *Call {
	return x.launch(side, what, func() {}, call)
}

func (x *Experiment) launch(side story.Lane, what string, before func(), call func() error) *Call {
	c := &Call{x: x, side: side, what: what, returned: make(chan struct{})}
	x.Note(story.Event{Lane: side, Kind: story.Began, Call: what, Text: what + " …"})
	x.work.Go(func() {
		defer close(c.returned)
		before()
		c.began = time.Now()
		c.err = call()
		c.ended = time.Now()
		if !x.IsOver() {
			e := story.Event{Lane: side, Kind: story.Returned, Call: what, Text: what + ": " + story.ErrorText(c.err)}
			if c.err != nil {
				e.Error = c.err.Error()
			}
			x.Note(e)
		}
	})
	return c
}

// AssertStillWaiting fails the test if the call has returned.
func (c *Call) AssertStillWaiting() bool {
	c.x.t.Helper()
	select {
	case <-c.returned:
		if c.x.IsOver() {
			return false // the guard against a hang has freed the call, and has reported it
		}
		c.x.t.Errorf("%s should still be waiting, but has returned: %s", c.what, story.ErrorText(c.err))
		return false
	default:
		c.x.Note(story.Event{Lane: c.side, Kind: story.Waiting, Call: c.what, Text: c.what + ": still waiting"})
		return true
	}
}

// ReturnsWithin waits until the call has returned or the limit is over, and reports whether the call has returned.
func (c *Call) ReturnsWithin(limit time.Duration) bool {
	return event.Within(limit, c.returned)
}

// Wait waits until the call has returned, and returns its error.
func (c *Call) Wait() error {
	<-c.returned
	return c.err
}

// Took waits until the call has returned, and returns how long it took.
func (c *Call) Took() time.Duration {
	<-c.returned
	return c.ended.Sub(c.began)
}

// Since waits until the call has returned, and returns the time from the given moment until the call's end.
func (c *Call) Since(moment time.Time) time.Duration {
	<-c.returned
	return c.ended.Sub(moment)
}

// waitUntilBlocked asks the scheduler what the call's goroutine does, until that goroutine is blocked in the
// poller ("IO wait"), in a blocking system call or on a channel. Each question stops the whole process
// briefly, so waitUntilBlocked asks less and less often.
func (c *Call) waitUntilBlocked(id []byte) {
	const seldom = 100 * time.Millisecond
	for pause := time.Millisecond; !isBlocked(id); pause = min(2*pause, seldom) {
		if c.ReturnsWithin(pause) {
			return
		}
	}
}

// goroutineID is the number of the calling goroutine, as stack traces print it.
func goroutineID() []byte {
	trace := make([]byte, 64) // "goroutine 1234 [running]:"
	trace = trace[:runtime.Stack(trace, false)]
	return bytes.Fields(trace)[1]
}

func isBlocked(id []byte) bool {
	_, rest, found := bytes.Cut(traces.takenAfter(time.Now()), fmt.Appendf(nil, "goroutine %s [", id))
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

// stackTraces holds the stack traces of all goroutines. Experiments that ask at the same time share one answer.
type stackTraces struct {
	mu    sync.Mutex
	taken time.Time
	text  []byte
}

var traces stackTraces

func (s *stackTraces) takenAfter(moment time.Time) []byte {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.taken.After(moment) {
		return s.text
	}
	s.taken = time.Now()
	for size := 64 << 10; ; size *= 2 {
		text := make([]byte, size) // a new one: others may still be reading the last
		if n := runtime.Stack(text, true); n < size {
			s.text = text[:n]
			return s.text
		}
	}
}
