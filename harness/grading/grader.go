package grading

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"socketlabs/harness"
)

// NotBegun is what an exercise that the student has not begun panics with.
var NotBegun = errors.New("not begun")

// Patience is how long a grader waits, beyond the time that the exercise itself takes, before it says
// that the student's code hangs. A busy machine needs some of it.
const Patience = 8 * time.Second

// Grader is an experiment on a student's code.
type Grader struct {
	*harness.Experiment
	t        *testing.T
	lastStep string
	begun    bool // some of the student's code has returned
	report   *report
}

// Finding is what a grader has to say of a mistake.
type Finding struct {
	Mistake  string `json:"mistake"`        // in the words of the labs
	Expected string `json:"expected"`       // what correct code does here
	Seen     string `json:"seen"`           // what this code did
	Read     string `json:"read,omitempty"` // the experiment that shows it: "lab01_timeout/TestX"
}

// Start begins to grade. What this machine can't show can't be graded on it either.
func Start(t *testing.T, needs ...harness.Need) *Grader {
	t.Helper()
	g := &Grader{t: t, lastStep: "the start"}
	g.report = newReport(t)
	for _, need := range needs {
		if missing := need.Missing(); missing != "" {
			g.report.Result, g.report.Reason = impossible, missing
		}
	}
	g.Experiment = harness.Start(t, needs...)
	t.Cleanup(g.findGoroutines) // before the experiment closes what they may wait on
	return g
}

// Step says what the grader does next, and returns the moment.
func (g *Grader) Step(format string, args ...any) time.Time {
	g.lastStep = fmt.Sprintf(format, args...)
	return g.Experiment.Step("%s", g.lastStep)
}

// Expect ends the grading with the finding unless all is well. It belongs on the test's goroutine.
func (g *Grader) Expect(ok bool, f Finding) {
	g.t.Helper()
	if !ok {
		g.reject(f)
		g.t.FailNow()
	}
}

func (g *Grader) reject(f Finding) {
	g.t.Helper()
	if g.t.Failed() {
		return // the first mistake is enough
	}
	g.report.Step, g.report.Finding = g.lastStep, &f
	lines := []string{
		"step:      " + g.lastStep,
		"mistake:   " + f.Mistake,
		"expected:  " + f.Expected,
		"seen:      " + f.Seen,
	}
	if f.Read != "" {
		lines = append(lines, "read:      go run ./labs show "+f.Read)
	}
	lines = append(lines, "a hint:    go run ./labs hint "+exerciseOf(g.t))
	g.t.Errorf("\n%s", strings.Join(lines, "\n"))
}

// exerciseOf is the name of the exercise that a test grades.
func exerciseOf(t *testing.T) string { return strings.TrimPrefix(t.Name(), "Test") }

func (g *Grader) skipNotBegun() {
	g.report.Result = notBegun
	folder := folderOf(g.t)
	g.t.Skipf("not begun: the task stands in %s/exercise.go, above %s; to begin, replace panic(notBegun) "+
		"there by your code; then: go run ./labs grade %[2]s", folder, exerciseOf(g.t))
}
