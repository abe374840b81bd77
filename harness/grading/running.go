package grading

import (
	"context"
	"fmt"
	"runtime/pprof"
	"time"

	"socketlabs/harness/story"
)

// labelled is the label of the goroutines of the student's code.
const labelled = "exercise"

// Running is a call of the student's code.
type Running struct {
	g        *Grader
	what     string
	returned chan struct{}
	panicked any    // or nil
	where    string // the student's line
}

// Go runs the student's code in a goroutine of its own.
func (g *Grader) Go(what string, call func()) *Running {
	r := &Running{g: g, what: what, returned: make(chan struct{})}
	go pprof.Do(context.Background(), pprof.Labels(labelled, g.t.Name()), func(context.Context) {
		defer close(r.returned)
		defer func() {
			if r.panicked = recover(); r.panicked != nil {
				r.where = studentsLine()
			}
		}()
		call()
	})
	return r
}

// Reaches waits until something has happened that the call is to bring about, or the call has returned.
// If neither comes within limit and Patience, the finding is stuck.
func (r *Running) Reaches(event <-chan struct{}, limit time.Duration, stuck Finding) {
	r.g.t.Helper()
	limit += patience
	select {
	case <-event:
	case <-r.returned:
	case <-time.After(limit):
		r.g.hangs(r, limit, stuck)
	}
}

// Waits is for a call that must not return before something happens: it fails with the finding if the
// call returns within the time given.
func (r *Running) Waits(within time.Duration, returned Finding) {
	r.g.t.Helper()
	select {
	case <-r.returned:
		r.checkPanic()
		r.g.Expect(false, returned)
	case <-time.After(within):
	}
}

// Wait waits until the call has returned. If it takes longer than limit and Patience, the finding is
// stuck; then Seen need not be given.
func (r *Running) Wait(limit time.Duration, stuck Finding) {
	r.g.t.Helper()
	limit += patience
	select {
	case <-r.returned:
	case <-time.After(limit):
		r.g.hangs(r, limit, stuck)
	}
	r.checkPanic()
}

func (g *Grader) hangs(r *Running, limit time.Duration, f Finding) {
	g.t.Helper()
	if f.Seen == "" {
		f.Seen = fmt.Sprintf("%s has not returned after %s", r.what, story.Duration(limit))
	}
	g.Expect(false, f)
}

// checkPanic judges how a call has returned.
func (r *Running) checkPanic() {
	r.g.t.Helper()
	switch {
	case r.panicked == nil:
		r.g.begun = true
	case r.panicked == NotBegun && !r.g.begun:
		r.g.skipNotBegun()
	case r.panicked == NotBegun:
		r.g.Expect(false, Finding{
			Mistake:  "a part of the exercise is not written yet",
			Expected: r.what + " does what its comment says",
			Seen:     "panic(notBegun) at " + r.where,
		})
	default:
		r.g.Expect(false, Finding{
			Mistake:  "your code panics",
			Expected: r.what + " returns",
			Seen:     fmt.Sprintf("%v, at %s", r.panicked, r.where),
		})
	}
}

// Call runs the student's code and waits until it has returned, as Wait does.
func (g *Grader) Call(what string, limit time.Duration, stuck Finding, call func()) {
	g.t.Helper()
	g.Go(what, call).Wait(limit, stuck)
}
