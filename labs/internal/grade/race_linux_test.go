package grade

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"socketlabs/harness/grading/report"
	"socketlabs/harness/skip"
	"socketlabs/labs/internal/catalog"
)

// A data race costs an exercise that passes otherwise, and only that one. Without the race detector, the result says so, and the
// exercise passes.
func TestDataRaceCostsItsOwnExerciseOnly(t *testing.T) {
	skip.UnlessChecking(t, "compiles with the race detector")
	root, err := catalog.Root(".")
	require.NoError(t, err)
	folder := t.TempDir()
	writeStudent(t, folder, fmt.Sprintf(student, `writes, done := 0, make(chan bool)
	go func() { writes++; done <- true }()
	writes++
	defer func() { <-done }()`))
	task := Task{Root: root, Student: folder, Limits: limitsHere}

	t.Setenv("CGO_ENABLED", "0")
	results := gradeLab1(t, task)
	assert.Equal(t, report.Passed, results["SendAll"].Result, "%+v", results["SendAll"].Finding)
	assert.Contains(t, results["SendAll"].Undetected, "go can't compile: -race requires cgo")
	assert.Contains(t, Undetected([]Result{results["PatientConn"], results["SendAll"]}), "nobody has looked for data races: go can't")

	t.Setenv("CGO_ENABLED", "1")
	results = gradeLab1(t, task)
	if why := results["AskWithin"].Undetected; why != "" {
		skip.Needs(t, "a C compiler", why)
	}
	assert.Equal(t, report.Passed, results["AskWithin"].Result, "%+v", results["AskWithin"].Finding)
	assert.Empty(t, results["AskWithin"].Undetected)
	got := results["SendAll"]
	require.NotNil(t, got.Finding, "it has passed")
	assert.Zero(t, got.Earned)
	assert.Equal(t, "no-race", got.Finding.Sentence)
	assert.Contains(t, got.Finding.Said, "It has no data race")
	const access = `a (read|write) at exercise.go:\d+, in SendAll(\.func1)?, `
	assert.Regexp(t, "^"+access+"and "+access+"of the same variable", got.Finding.Seen)
	assert.Empty(t, got.Output)
}

// Code that takes too much time or memory to compile with the race detector, and only then, does not pass unseen.
func TestCodeThatTheDetectorCantCompileFails(t *testing.T) {
	e := catalog.Exercise{Lab: "lab01_timeout", Name: "SendAll", Points: 10}
	for _, of := range []struct {
		err    error
		result string
	}{
		{&notTaken{report.Failed, "exercise.go:3: out of memory"}, report.Failed},
		{errors.New("there is no C compiler"), report.Passed},
	} {
		builds := &builder{raced: map[string]func() (string, error){e.Lab: func() (string, error) { return "", of.err }}}
		passed := Result{Exercise: e, Report: report.Report{Result: report.Passed}, Took: time.Second}
		got := passed.after(Task{}.look(t.Context(), e, builds, "", ""))
		assert.Equal(t, of.result, got.Result)
		assert.Equal(t, time.Second, got.Took, "what was not run is not graded again")
		if of.result == report.Failed {
			assert.Equal(t, "no-race", got.Finding.Sentence)
			assert.Equal(t, of.err.Error(), got.Finding.Seen)
		} else {
			assert.Equal(t, of.err.Error(), got.Undetected)
		}
	}
}
