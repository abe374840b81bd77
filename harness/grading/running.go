package grading

import (
	"fmt"
	"time"

	"socketlabs/harness/grading/student"
	"socketlabs/harness/internal/event"
)

// Running is a call of the student's code.
type Running struct {
	g        *Grader
	what     string
	returned chan struct{}
	fault    any // the value of the call's panic: a *student.Fault, student.Gone, or nil
}

// Go runs call, which calls the student's process, in a goroutine of its own.
func (g *Grader) Go(what string, call func()) *Running {
	r := &Running{g: g, what: what, returned: make(chan struct{})}
	go func() {
		defer close(r.returned)
		defer func() {
			r.fault = recover()
			switch r.fault.(type) {
			case nil, *student.Fault, student.Gone:
			default:
				panic(r.fault) // a panic of the grader's own code
			}
		}()
		call()
	}()
	return r
}

// Returned returns a channel that is closed when the call has returned.
func (r *Running) Returned() <-chan struct{} { return r.returned }

// ReturnsWithin waits until the call has returned or the limit is over, and reports whether the call has returned.
func (r *Running) ReturnsWithin(limit time.Duration) bool { return event.Within(limit, r.returned) }

// Reaches waits until the call has caused event, or has returned. If neither happens within limit plus
// Patience, the grading ends with the finding that stuck holds.
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

// Waits is for a call that must keep waiting: if the call returns within the given time, the grading ends
// with the finding that returned holds.
func (r *Running) Waits(within time.Duration, returned Finding) {
	r.g.t.Helper()
	if r.ReturnsWithin(within) {
		r.checkFault()
		r.g.Expect(false, returned)
	}
}

// Wait waits until the call has returned. If the call takes longer than limit plus Patience, the grading ends with the
// finding that stuck holds. If stuck.Seen is empty, the grader fills it in.
func (r *Running) Wait(limit time.Duration, stuck Finding) {
	r.g.t.Helper()
	r.WaitOrSee(limit, func() Finding { return stuck })
}

// WaitOrSee is like Wait, but calls stuck to make the finding, and only when the time is over: the finding can say what
// the grader sees at that moment.
func (r *Running) WaitOrSee(limit time.Duration, stuck func() Finding) {
	r.g.t.Helper()
	limit += patience
	if !r.ReturnsWithin(limit) {
		r.g.hangs(r, limit, stuck())
	}
	r.checkFault()
}

// checkFault judges how a call has ended.
func (r *Running) checkFault() {
	r.g.t.Helper()
	switch f := r.fault.(type) {
	case nil:
		r.g.begun = true
	case student.Gone:
		found := r.g.death(r.what)
		r.g.checkStart()
		r.g.Expect(false, found)
	case *student.Fault:
		r.g.rejectPanic(r.what, f)
	}
}

func (g *Grader) rejectPanic(what string, f *student.Fault) {
	g.t.Helper()
	switch {
	case f.NotBegun && !g.begun:
		g.skipNotBegun()
	case f.NotBegun:
		g.Expect(false, Finding{
			Sentence: "no-panic",
			Mistake:  "a part of the exercise is not written yet",
			Expected: what + " does what its comment says",
			Seen:     "panic(notBegun) at " + f.Where,
		})
	default:
		g.Expect(false, Finding{
			Sentence: "no-panic",
			Mistake:  "your code panics",
			Expected: what + " returns",
			Seen:     fmt.Sprintf("%s, at %s", f.Panic, f.Where),
		})
	}
}

// Call runs call, which calls the student's process, and waits until it has returned, as Wait does.
func (g *Grader) Call(what string, limit time.Duration, stuck Finding, call func()) {
	g.t.Helper()
	g.Go(what, call).Wait(limit, stuck)
}

// Prepare runs call, in which the driver does something without the student's code.
func (g *Grader) Prepare(what string, call func()) {
	g.t.Helper()
	begun := g.begun
	g.Call(what, Patience, Finding{ // a process starts slowly on a busy machine
		Sentence: "it-returns",
		Mistake:  "your process does not answer any more",
		Expected: what + " takes no time, even while calls of your code are waiting",
	}, call)
	g.begun = begun
}
