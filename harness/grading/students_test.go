package grading_test

import (
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"socketlabs/harness"
	"socketlabs/harness/grading"
	"socketlabs/harness/grading/report"
	"socketlabs/harness/grading/testdata/exercise"
)

// The graders that grade runs, each of a student of its own.

// start begins to grade, and says so in a step.
func start(t *testing.T, needs ...harness.Need) *grading.Grader {
	g := grading.Start(t, needs...)
	g.Step("the %s is called", "student")
	return g
}

const what = "the student's call"

func never() <-chan struct{} { return make(chan struct{}) }

func TestStudentIsRight(t *testing.T) {
	g := start(t)
	g.Call(what, moment, stuck, exercise.Returns)
	g.Expect(true, wrong)
	assert.Empty(t, os.Getenv(report.Var), "the student's code need not know")
}

func TestStudentIsWrong(t *testing.T) {
	g := start(t)
	g.Call(what, moment, stuck, exercise.Returns)
	g.Expect(false, wrong)
	t.Error("beyond the first mistake")
}

func TestStudentHangs(t *testing.T) {
	g := start(t)
	g.Call(what, moment, stuck, func() { exercise.Waits(never()) })
	t.Error("beyond the first mistake")
}

func TestStudentIsSeenToHang(t *testing.T) {
	g := start(t)
	g.Call(what, moment, grading.Finding{Mistake: stuck.Mistake, Expected: stuck.Expected, Seen: "nothing"},
		func() { exercise.Waits(never()) })
}

func TestStudentPanics(t *testing.T) {
	g := start(t)
	g.Call(what, moment, stuck, exercise.Panics)
	t.Error("beyond the first mistake")
}

func TestStudentsCallbackPanics(t *testing.T) {
	g := start(t)
	g.Call(what, moment, stuck, func() { panic("as asked") })
}

func TestStudentReturnsEarly(t *testing.T) {
	g := start(t)
	g.Go(what, exercise.Returns).Waits(time.Minute, wrong)
}

func TestStudentPanicsEarly(t *testing.T) {
	g := start(t)
	g.Go(what, exercise.Panics).Waits(time.Minute, wrong)
}

func TestStudentWaitsAsAsked(t *testing.T) {
	g := start(t)
	over := make(chan struct{})
	call := g.Go(what, func() { exercise.Waits(over) })
	call.Waits(moment, wrong)
	close(over)
	call.Wait(0, stuck)
}

func TestStudentReaches(t *testing.T) {
	g := start(t)
	event, over := make(chan struct{}), make(chan struct{})
	call := g.Go(what, func() { close(event); exercise.Waits(over) })
	call.Reaches(event, time.Minute, stuck)
	close(over)
	call.Wait(0, stuck)
}

func TestStudentReturnsInstead(t *testing.T) {
	g := start(t)
	call := g.Go(what, exercise.Returns)
	call.Reaches(never(), time.Minute, stuck)
	call.Wait(0, stuck)
}

func TestStudentReachesNothing(t *testing.T) {
	g := start(t)
	g.Go(what, func() { exercise.Waits(never()) }).Reaches(never(), moment, stuck)
}

func TestStudentHasNotBegun(t *testing.T) {
	g := start(t)
	g.Call(what, moment, stuck, exercise.IsNotBegun)
	t.Error("beyond what was not begun")
}

func TestStudentHasBegunOnePart(t *testing.T) {
	g := start(t)
	g.Call(what, moment, stuck, exercise.Returns)
	g.Call(what, moment, stuck, exercise.IsNotBegun)
}

func TestStudentLeavesGoroutine(t *testing.T) {
	g := start(t)
	g.Call(what, moment, stuck, func() { exercise.LeavesGoroutine(never()) })
}

func TestStudentLeavesForeignGoroutine(t *testing.T) {
	g := start(t)
	g.Call(what, moment, stuck, func() { exercise.LeavesForeignGoroutine(func() { <-never() }) })
}

func TestStudentLeavesGoroutineForAMoment(t *testing.T) {
	g := start(t)
	over := make(chan struct{})
	g.Call(what, moment, stuck, func() { exercise.LeavesGoroutine(over) })
	time.AfterFunc(moment, func() { close(over) })
}

func TestStudentIsWrongAndLeavesAGoroutine(t *testing.T) {
	g := start(t)
	g.Call(what, moment, stuck, func() { exercise.LeavesGoroutine(never()) })
	g.Expect(false, wrong)
}

func TestStudentNeedsWhatIsNotHere(t *testing.T) {
	start(t, harness.LongTimers)
	t.Error("beyond what can be graded here")
}
