package grade

import (
	"fmt"
	"testing"

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
