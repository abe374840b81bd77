package grading

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"socketlabs/harness"
	"socketlabs/harness/grading/report"
	"socketlabs/harness/grading/student"
	"socketlabs/harness/grading/task"
	"socketlabs/harness/skip"
	"socketlabs/harness/story"
)

// NotBegun is the panic of an exercise that the student has not begun.
var NotBegun = errors.New("not begun")

// Patience is how long a grader waits, beyond the time that the exercise itself takes, before it says
// that the student's code hangs. On a busy machine, correct code needs some of this time.
const Patience = 8 * time.Second

var patience = Patience // shorter in this package's own tests

// Grader is an experiment on a student's code, which runs in a process of its own.
type Grader struct {
	*harness.Experiment
	t        *testing.T
	student  *student.Process
	kept     table // what the grader keeps for the student's process
	answered bool  // the student's process has started, and has answered
	atFirst  Holdings
	lastStep string
	begun    bool // some of the student's code has returned
	report   report.Report
}

// tasks is the source of exercise.go, for the sentences of the exercises.
var tasks string

// Finding is what a grader says about a mistake: in the words of the labs; what correct code does
// here; what this code did; and the experiment that shows it, such as "lab01_timeout/TestX".
type Finding = report.Finding

// Start begins to grade: it starts the student's process. If this machine can't meet the needs, it can't grade the
// exercise either.
func Start(t *testing.T, needs ...harness.Need) *Grader {
	t.Helper()
	g := &Grader{t: t, lastStep: "the start"}
	if nonce() != "" {
		t.Cleanup(g.leave)
	}
	for _, need := range needs {
		if missing := need.Missing(); missing != "" {
			g.report.Result, g.report.Reason = report.Impossible, missing
		}
	}
	g.Experiment = harness.Start(t, needs...)
	if nonce() != "" {
		g.LeaveSegmentsOut() // the command tells the steps, and limits what a grading prints
		g.LeaveHangs()       // the command limits the time, too
	}
	var err error
	if g.student, err = student.Start(g.carryOut); err != nil {
		g.report.Result, g.report.Reason = report.Broken, err.Error()
		t.Fatalf("the process of the student's code can't be started: %v", err)
	}
	t.Cleanup(g.endStudent) // before the experiment closes sockets on which the process may wait
	g.Prepare("the start of your process", func() { ready.On(g, struct{}{}) })
	g.answered = true
	g.atFirst = g.Holdings()
	return g
}

// endStudent expects that nothing is left behind after the last call, and ends the student's process.
func (g *Grader) endStudent() {
	defer func() {
		g.student.End()
		g.report.Printed = g.student.Shown()
		if g.report.Printed != "" && nonce() == "" {
			g.t.Logf("your code prints:\n%s", g.report.Printed)
		}
		said, _ := g.student.Printed()
		if f, found := race(said); found { // it ended the process, so what else the grader has found follows from it
			g.tell(f)
		}
	}()
	if !g.t.Failed() && !g.t.Skipped() {
		g.Prepare("the end of the grading", func() { release.On(g, struct{}{}) })
		g.ExpectNothingLeft(g.atFirst, "all")
	}
}

// nonce returns the word that only the command and the grader know. It is empty if the command has not started the
// grader.
var nonce = sync.OnceValue(func() string {
	if os.Getenv(report.Var) == "" {
		return ""
	}
	word, _ := io.ReadAll(os.Stdin) // without it, there is no report
	return string(word)
})

// leave writes the report as an attribute of the test, under a name that only the command knows.
func (g *Grader) leave() {
	switch {
	case g.report.Result != "":
	case g.t.Failed():
		g.report.Result = report.Failed
	case !g.t.Skipped():
		g.report.Result = report.Passed
	}
	g.t.Attr(report.Key(nonce()), g.report.Encode())
}

// Step says what the grader does next. It writes durations with their units, as in 2.05 s.
func (g *Grader) Step(format string, args ...any) {
	g.lastStep = inWords(format, args)
	g.Experiment.Step("%s", g.lastStep)
}

// inWords formats text. It does not round durations: in some steps, a part of a millisecond matters.
func inWords(format string, args []any) string {
	words := slices.Clone(args)
	for i, arg := range args {
		if d, ok := arg.(time.Duration); ok {
			words[i] = story.Exactly(d)
		}
	}
	return fmt.Sprintf(format, words...)
}

// Expect ends the grading with the finding unless ok is true. Call it on the test's goroutine.
func (g *Grader) Expect(ok bool, f Finding) {
	g.t.Helper()
	if !ok {
		g.reject(f)
		g.t.FailNow()
	}
}

func (g *Grader) reject(f Finding) {
	g.t.Helper()
	if !g.t.Failed() { // the first mistake is enough
		g.tell(f)
	}
}

// tell fails the test with the finding.
func (g *Grader) tell(f Finding) {
	g.t.Helper()
	g.report.Step, g.report.Finding = g.lastStep, &f
	lines := []string{}
	if f.Sentence != "" {
		f.Said = sentence(f.Sentence, strings.TrimPrefix(g.t.Name(), "Test"))
		lines = append(lines, "sentence:  "+f.Sentence+": "+f.Said)
	}
	lines = append(lines,
		"step:      "+g.lastStep,
		"mistake:   "+f.Mistake,
		"expected:  "+f.Expected,
		"seen:      "+f.Seen,
	)
	if f.Read != "" {
		lines = append(lines, "read:      go run ./labs show "+f.Read)
	}
	lines = append(lines, "a hint:    go run ./labs hint "+nameOf(g.t))
	g.t.Errorf("\n%s", strings.Join(lines, "\n"))
}

// sentence returns the sentence with the given name in the task of an exercise.
func sentence(id, exercise string) string {
	own, general := task.Of(tasks, exercise)
	for _, s := range append(own, general...) {
		if s.ID == id {
			return s.Text
		}
	}
	return "see the task"
}

// nameOf returns the name of the exercise that a test grades, with its lab. Tests run in their package's folder.
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
