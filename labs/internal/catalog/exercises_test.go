package catalog

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestSumsOfExercisesAreCurrent(t *testing.T) {
	assert.NoError(t, CheckGraders(root), "if you are the project, run \"make generate\"") // a reader may have other files beside them
}

// The experiments that graders tell students to read exist.
func TestExercisesNameExperiments(t *testing.T) {
	exercises, err := Exercises(root)
	require.NoError(t, err)
	require.NotEmpty(t, exercises)
	known := make(map[string]bool)
	for _, e := range ours(t) {
		known[e.Name()] = true
	}
	for _, e := range exercises {
		assert.NotZero(t, e.Line, "%s has no %s", e.File, e.Name)
		for _, name := range e.Read {
			assert.True(t, known[name], "%s reads %s, which is not there", e.Grader(), name)
		}
	}
}
