package catalog

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestEveryExperimentHasTitleClaimAndVerdict(t *testing.T) {
	experiments, err := Load(root)
	require.NoError(t, err)
	assert.NotEmpty(t, experiments)
	for _, e := range experiments {
		assert.True(t, strings.HasSuffix(e.Title, "."), "%s: the title is no sentence: %q", e.Name(), e.Title)
	}
}

func TestEveryClaimHasAnExperiment(t *testing.T) {
	experiments, err := Load(root)
	require.NoError(t, err)
	_, err = Claims(experiments)
	assert.NoError(t, err)
}

func labs(experiments []Experiment) []string {
	var all []string
	for _, e := range experiments {
		all = append(all, e.Lab)
	}
	return slices.Compact(all)
}

func TestDocCommentsOfAnotherFormAreRefused(t *testing.T) {
	for _, bad := range []struct{ name, doc, problem string }{
		{"no title", "Claim: T1.\nVerdict: holds.", "should begin with"},
		{"another test's title", "TestY: something.\n\nClaim: T1.\nVerdict: holds.", "should begin with"},
		{"no findings", "TestX: something.", "nothing but claims and verdicts"},
		{"no prediction", "TestX: something.\n\nClaim: T1.\nVerdict: holds.\n\nPredict: what?", "three or four answers"},
	} {
		t.Run(bad.name, func(t *testing.T) {
			e := Experiment{Test: "TestX"}
			assert.ErrorContains(t, e.readDoc(bad.doc), bad.problem)
		})
	}
}
