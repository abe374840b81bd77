package grade

import (
	"context"
	"crypto/rand"
	"errors"
	"strings"
	"sync"
	"time"

	"socketlabs/harness/grading/report"
	"socketlabs/labs/internal/catalog"
	"socketlabs/labs/internal/gotest"
	"socketlabs/labs/internal/timemachine"
	"socketlabs/labs/internal/timemachine/protocol"
)

// guestLimit is the real time after which the guest is stopped. It is long, because code that computes endlessly takes
// minutes there to reach its own limit, which is in virtual time.
const guestLimit = 20 * time.Minute

// whatEnded are the errors for a grader that the guest ended, by the limit that it exceeded.
var whatEnded = map[string]error{protocol.OfTime: errTime, protocol.OfOutput: errOutput}

// inGuest grades the exercises on a Linux kernel of our own, one after another, because waiting takes no real time there. The
// student's code can't reach this machine. A jail without walls isolates it from the grader.
func (task Task) inGuest(ctx context.Context, builds *builder, finish func(i int, r Result, err error)) error {
	var builders sync.WaitGroup
	for _, e := range task.Exercises { // labs at the same time; the loop below asks for the results
		builders.Go(func() { builds.build(ctx, e) })
	}
	builders.Wait()
	var programs []timemachine.Program
	gradings := make(map[string]*grading)
	for i, e := range task.Exercises {
		built, err := builds.build(ctx, e)
		if r, over := notRun(e, err); over || err != nil {
			finish(i, r, errUnless(over, err))
			continue
		}
		command, err := inJSON(append(jailOf(task.Limits).LineOf(timemachine.GuestProgram), timemachine.InGuest(built.student)))
		if err != nil {
			return err
		}
		g := &grading{Exercise: e, nonce: rand.Text()}
		gradings[e.FullName()] = g
		programs = append(programs, timemachine.Program{
			Name: e.FullName(), Binary: built.graders, Beside: []string{built.student}, Stdin: g.nonce,
			Args:   []string{"-test.run=^" + e.Grader() + "$", "-test.v", "-test.timeout=0"},
			Env:    []string{report.Var + "=stdin", report.CommandVar + "=" + command},
			Limits: protocol.Limits{Time: task.Limits.Time, Output: task.Limits.Output},
			Ended: func(limit string) {
				r, err := g.result(whatEnded[limit], task.Limits)
				if r.Result == report.Passed && MayRace(builds.source(e), e.Name) {
					r.Undetected = "a guest has no race detector"
				}
				finish(i, r, err)
			},
		})
	}
	if len(programs) == 0 || ctx.Err() != nil {
		return nil
	}
	job, err := timemachine.Load(ctx, task.Root, programs, func(*gotest.Compiling) {})
	if err != nil {
		return err
	}
	defer job.Close()
	if task.Booting != nil {
		task.Booting()
	}
	_, err = job.Run(ctx, *task.Guest, guestLimit, "", func(event gotest.Event) { gradings[event.Package].add(event, task.Started) })
	if errors.Is(err, gotest.ErrFailed) { // it has verdicts, so it is not an error here
		return nil
	}
	return err
}

// grading is a grading in the guest.
type grading struct {
	catalog.Exercise
	nonce   string
	begun   bool
	failed  bool
	printed strings.Builder
	took    float64 // seconds
}

// add adds an event of the grader.
func (g *grading) add(e gotest.Event, started func(catalog.Exercise)) {
	if !g.begun && started != nil {
		started(g.Exercise)
	}
	g.begun = true
	switch {
	case e.Action == gotest.Output:
		g.printed.WriteString(e.Output)
	case e.IsResult() && e.Test == g.Grader():
		g.took, g.failed = e.Elapsed, e.Action == gotest.Fail
	}
}

// result is the result of the grading.
func (g *grading) result(ended error, limits Limits) (Result, error) {
	r := Result{Exercise: g.Exercise, Took: time.Duration(g.took * float64(time.Second))}
	if errors.Is(ended, errTime) {
		r.Took = limits.Time
	}
	printed := g.printed.String()
	r.tell(printed, report.Key(g.nonce))
	r.withdrawIf(g.failed && ended == nil)
	return r, r.judge(printed, ended, limits)
}
