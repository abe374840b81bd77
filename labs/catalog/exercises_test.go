package catalog

import (
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestSumsOfExercisesAreCurrent(t *testing.T) {
	fresh, err := Sums(root)
	require.NoError(t, err)
	path := filepath.Join(root, "labs", "catalog", "exercises.sum")
	isCurrent(t, path, sums, fresh)
}

// What graders say about reading exists.
func TestExercisesNameExperiments(t *testing.T) {
	exercises, err := Exercises(root)
	require.NoError(t, err)
	require.NotEmpty(t, exercises)
	experiments, err := Load(root)
	require.NoError(t, err)
	known := make(map[string]bool)
	for _, e := range experiments {
		known[e.Name()] = true
	}
	for _, e := range exercises {
		assert.NotZero(t, e.Line, "%s has no %s", e.File, e.Name)
		for _, name := range e.Read {
			assert.True(t, known[name], "%s reads %s, which is not there", e.Grader(), name)
		}
	}
}
