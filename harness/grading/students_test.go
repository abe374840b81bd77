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

// These are the graders that the function grade runs. Each grades a student of its own.

// start begins to grade, and logs a step.
func start(t *testing.T, needs ...harness.Need) *grading.Grader {
	g := grading.Start(t, needs...)
	g.Step("the %s is called", "student")
	return g
}

const what = "the student's call"

// call is one of the student's functions. A grader calls it.
type call func(g *grading.Grader) func()

func student(name string, does func()) call {
	exported := grading.Export(name, func(struct{}) (none struct{}) {
		does()
		return none
	})
	return func(g *grading.Grader) func() { return func() { exported.On(g, struct{}{}) } }
}

var ( // in the student's process
	returns       = student("Returns", exercise.Returns)
	panics        = student("Panics", exercise.Panics)
	panicsOutside = student("PanicsOutside", func() { panic("as asked") })
	isNotBegun    = student("IsNotBegun", exercise.IsNotBegun)
	waits         = student("Waits", func() { exercise.Waits(never()) })
	leaves        = student("LeavesGoroutine", func() { exercise.LeavesGoroutine(never()) })
	leavesForeign = student("LeavesForeignGoroutine", func() { exercise.LeavesForeignGoroutine(func() { <-never() }) })
	leavesBriefly = student("LeavesBriefly", func() {
		over := make(chan struct{})
		exercise.LeavesGoroutine(over)
		time.AfterFunc(moment, func() { close(over) })
	})
	exits           = student("Exits", func() { exercise.Exits(3) })
	exitsWell       = student("ExitsWell", func() { exercise.Exits(0) })
	panicsElsewhere = student("PanicsElsewhere", exercise.PanicsElsewhere)
	callsItself     = student("CallsItself", func() { exercise.CallsItself(0) })
	printsForEver   = student("PrintsWithoutEnd", exercise.PrintsWithoutEnd)
	prints          = student("Prints", func() { exercise.Prints("as asked") })
	closesChannel   = student("ClosesChannel", exercise.ClosesChannel)
)

var environment = grading.Export("Environment", func(struct{}) []string { return os.Environ() })

// waitsUntil calls the student's Waits, which returns when the grader's callback has returned.
var waitsUntil = grading.Export("WaitsUntil", func(over grading.Callback[string, bool]) (none struct{}) {
	until := make(chan struct{})
	go func() {
		defer close(until)
		over.Call("begun")
	}()
	exercise.Waits(until)
	return none
})

func never() <-chan struct{} { return make(chan struct{}) }

func TestStudentIsRight(t *testing.T) {
	g := start(t)
	g.Call(what, moment, stuck, returns(g))
	g.Expect(true, wrong)
	g.Prepare("asking for the environment", func() {
		for _, variable := range environment.On(g, struct{}{}) {
			assert.NotContains(t, variable, report.Var, "the student's code should not have this variable")
		}
	})
}

func TestStudentIsWrong(t *testing.T) {
	g := start(t)
	g.Call(what, moment, stuck, returns(g))
	g.Expect(false, wrong)
	t.Error("the grading went on beyond the first mistake")
}

func TestStudentHangs(t *testing.T) {
	g := start(t)
	g.Call(what, moment, stuck, waits(g))
	t.Error("the grading went on beyond the first mistake")
}

func TestStudentIsSeenToHang(t *testing.T) {
	g := start(t)
	g.Call(what, moment, grading.Finding{Mistake: stuck.Mistake, Expected: stuck.Expected, Seen: "nothing"},
		waits(g))
}

func TestStudentPanics(t *testing.T) {
	g := start(t)
	g.Call(what, moment, stuck, panics(g))
	t.Error("the grading went on beyond the first mistake")
}

func TestStudentsCallbackPanics(t *testing.T) {
	g := start(t)
	g.Call(what, moment, stuck, panicsOutside(g))
}

func TestStudentReturnsEarly(t *testing.T) {
	g := start(t)
	g.Go(what, returns(g)).Waits(time.Minute, wrong)
}

func TestStudentPanicsEarly(t *testing.T) {
	g := start(t)
	g.Go(what, panics(g)).Waits(time.Minute, wrong)
}

func TestStudentWaitsAsAsked(t *testing.T) {
	g := start(t)
	over := make(chan struct{})
	callback := grading.NewCallback(g, func(string) bool { <-over; return true })
	call := g.Go(what, func() { waitsUntil.On(g, callback) })
	call.Waits(moment, wrong)
	close(over)
	call.Wait(0, stuck)
}

func TestStudentReaches(t *testing.T) {
	g := start(t)
	event, over := make(chan struct{}), make(chan struct{})
	callback := grading.NewCallback(g, func(string) bool { close(event); <-over; return true })
	call := g.Go(what, func() { waitsUntil.On(g, callback) })
	call.Reaches(event, time.Minute, stuck)
	close(over)
	call.Wait(0, stuck)
}

func TestStudentReturnsInstead(t *testing.T) {
	g := start(t)
	call := g.Go(what, returns(g))
	call.Reaches(never(), time.Minute, stuck)
	call.Wait(0, stuck)
}

func TestStudentReachesNothing(t *testing.T) {
	g := start(t)
	g.Go(what, waits(g)).Reaches(never(), moment, stuck)
}

func TestStudentHasNotBegun(t *testing.T) {
	g := start(t)
	g.Call(what, moment, stuck, isNotBegun(g))
	t.Error("the grading went on beyond what was not begun")
}

func TestStudentHasBegunOnePart(t *testing.T) {
	g := start(t)
	g.Call(what, moment, stuck, returns(g))
	g.Call(what, moment, stuck, isNotBegun(g))
}

func TestStudentLeavesGoroutine(t *testing.T) {
	g := start(t)
	g.Call(what, moment, stuck, leaves(g))
}

func TestStudentLeavesForeignGoroutine(t *testing.T) {
	g := start(t)
	g.Call(what, moment, stuck, leavesForeign(g))
}

func TestStudentLeavesGoroutineForAMoment(t *testing.T) {
	g := start(t)
	g.Call(what, moment, stuck, leavesBriefly(g))
}

func TestStudentIsWrongAndLeavesAGoroutine(t *testing.T) {
	g := start(t)
	g.Call(what, moment, stuck, leaves(g))
	g.Expect(false, wrong)
}

func TestStudentNeedsWhatIsNotHere(t *testing.T) {
	start(t, harness.LongTimers)
	t.Error("the grading went on, although this machine can't grade it")
}

func TestStudentExits(t *testing.T) {
	g := start(t)
	g.Call(what, moment, stuck, exits(g))
}

func TestStudentExitsWell(t *testing.T) {
	g := start(t)
	g.Call(what, moment, stuck, exitsWell(g))
}

func TestStudentPanicsElsewhere(t *testing.T) {
	g := start(t)
	g.Call(what, moment, stuck, panicsElsewhere(g))
}

func TestStudentCallsItself(t *testing.T) {
	g := start(t)
	g.Call(what, time.Minute, stuck, callsItself(g))
}

func TestStudentPrints(t *testing.T) {
	g := start(t)
	g.Call(what, moment, stuck, prints(g))
}

func TestStudentPrintsWithoutEnd(t *testing.T) {
	g := start(t)
	g.Call(what, moment, stuck, printsForEver(g))
}

func TestStudentClosesChannel(t *testing.T) {
	g := start(t)
	g.Call(what, moment, stuck, closesChannel(g))
}
