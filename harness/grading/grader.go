package grading

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"socketlabs/harness"
	"socketlabs/harness/grading/report"
	"socketlabs/harness/skip"
)

// NotBegun is what an exercise that the student has not begun panics with.
var NotBegun = errors.New("not begun")

// Patience is how long a grader waits, beyond the time that the exercise itself takes, before it says
// that the student's code hangs. A busy machine needs some of it.
const Patience = 8 * time.Second

var patience = Patience // less in this package's own tests

// Grader is an experiment on a student's code.
type Grader struct {
	*harness.Experiment
	t        *testing.T
	lastStep string
	begun    bool // some of the student's code has returned
	report   report.Report
}

// Finding is what a grader has to say of a mistake: in the words of the labs; what correct code does
// here; what this code did; and the experiment that shows it, such as "lab01_timeout/TestX".
type Finding = report.Finding

// Start begins to grade. What this machine can't show can't be graded on it either.
func Start(t *testing.T, needs ...harness.Need) *Grader {
	t.Helper()
	g := &Grader{t: t, lastStep: "the start"}
	if path := os.Getenv(report.Var); path != "" {
		os.Unsetenv(report.Var) // the student's code need not know
		t.Cleanup(func() { g.leave(path) })
	}
	for _, need := range needs {
		if missing := need.Missing(); missing != "" {
			g.report.Result, g.report.Reason = report.Impossible, missing
		}
	}
	g.Experiment = harness.Start(t, needs...)
	t.Cleanup(g.findGoroutines) // before the experiment closes what they may wait on
	return g
}

// leave is the end of an exercise that has its process to itself.
func (g *Grader) leave(path string) {
	if !g.t.Failed() && !g.t.Skipped() {
		if mistake, seen := leftovers(); mistake != "" {
			g.reject(Finding{
				Mistake:  mistake,
				Expected: "what your code has opened or started is closed and ended when it is done",
				Seen:     seen,
			})
		}
	}
	switch {
	case g.t.Failed():
		g.report.Result = report.Failed
	case !g.t.Skipped():
		g.report.Result = report.Passed
	}
	if err := g.report.Write(path); err != nil {
		g.t.Errorf("report: %v", err)
	}
}

// Step says what the grader does next.
func (g *Grader) Step(format string, args ...any) {
	g.lastStep = fmt.Sprintf(format, args...)
	g.Experiment.Step("%s", g.lastStep)
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
	lines = append(lines, "a hint:    go run ./labs hint "+nameOf(g.t))
	g.t.Errorf("\n%s", strings.Join(lines, "\n"))
}

// nameOf is that of the exercise that a test grades, among all labs. Tests run in their package's folder.
func nameOf(t *testing.T) string {
	here, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	return filepath.Base(filepath.Dir(here)) + "/" + strings.TrimPrefix(t.Name(), "Test")
}

func (g *Grader) skipNotBegun() {
	g.t.Helper()
	g.report.Result = report.NotBegun
	lab, exercise, _ := strings.Cut(nameOf(g.t), "/")
	g.t.Attr(skip.Attribute, "a solution")
	g.t.Skipf("not begun: the task is in %s/exercise/exercise.go, above %s; to begin, replace panic(notBegun) "+
		"there with your code; then: go run ./labs grade %[1]s/%[2]s", lab, exercise)
}
