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
		{"no title", "Claim: T1: a claim.\nVerdict: holds.", "should begin with"},
		{"another test's title", "TestY: something.\n\nClaim: T1: a claim.\nVerdict: holds.", "should begin with"},
		{"no claim", "TestX: something.\n\nVerdict: holds.", "no line that begins with"},
		{"claims without ids", "TestX: something.\n\nClaim: whatever.\nVerdict: holds.", "no list of claims"},
		{"no verdict", "TestX: something.\n\nClaim: T1: a claim.", "its verdict should be"},
		{"vague verdict", "TestX: something.\n\nClaim: T1: a claim.\nVerdict: mostly.", "its verdict should be"},
		{"verdict on nothing", "TestX: something.\n\nClaim: Beyond the chapter.\nVerdict: holds.", "no verdict on"},
	} {
		t.Run(bad.name, func(t *testing.T) {
			e := Experiment{Test: "TestX"}
			assert.ErrorContains(t, e.readDoc(bad.doc), bad.problem)
		})
	}
}

func TestClaimOfManyExperimentsIsTheirCommonVerdict(t *testing.T) {
	for _, of := range []struct {
		name     string
		verdicts []Verdict
		want     Verdict
	}{
		{"all hold", []Verdict{Holds, Holds}, Holds},
		{"one has a condition", []Verdict{Holds, Conditional, Holds}, Conditional},
		{"some hold, some don't", []Verdict{Refuted, Holds}, Conditional},
		{"none holds", []Verdict{Refuted, Refuted}, Refuted},
	} {
		t.Run(of.name, func(t *testing.T) {
			var c Claim
			for _, v := range of.verdicts {
				c.add(Experiment{Verdict: v})
			}
			assert.Equal(t, of.want, c.Verdict)
		})
	}
}
