package catalog

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestEnoughExperimentsAskForAPrediction(t *testing.T) {
	const inAll, inEachLab = 28, 4
	experiments := ours(t)
	asked := make(map[string]int)
	rightAt := make(map[int]int) // how often the right answer is at each position
	all := 0
	for _, e := range experiments {
		if e.Question == "" {
			continue
		}
		all++
		asked[e.Lab]++
		rightAt[slices.Index(e.Answers, e.Right)]++
		assert.False(t, e.Long, "%s: it is not shown unless one waits for minutes", e.Name())
	}
	assert.GreaterOrEqual(t, all, inAll)
	for _, lab := range labs(experiments) {
		assert.GreaterOrEqual(t, asked[lab], inEachLab, lab)
	}
	for position, n := range rightAt {
		assert.Less(t, n, all/2, "the right answer is number %d too often", position+1)
	}
}

func TestPredictionIsReadFromDocComment(t *testing.T) {
	e := Experiment{Test: "TestX"}
	require.NoError(t, e.readDoc(`TestX: something.

Claim: T1.
Verdict: holds.

Predict: what happens?
  - [ ] nothing
  - [x] something
  - [ ] everything
`))
	want := Prediction{Question: "what happens?", Answers: []string{"nothing", "something", "everything"}, Right: "something"}
	assert.Empty(t, cmp.Diff(want, e.Prediction), "(-want +got)")
	assert.Equal(t, Holds, e.Verdict)
}

func TestPredictionsOfAnotherFormAreRefused(t *testing.T) {
	for _, bad := range []struct{ name, lines string }{
		{"no question", "it happens|  - [ ] a|  - [x] b|  - [ ] c"},
		{"a question of two lines", "what|happens?|  - [ ] a|  - [x] b|  - [ ] c"},
		{"two answers", "what happens?|  - [ ] a|  - [x] b"},
		{"five answers", "what happens?|  - [ ] a|  - [x] b|  - [ ] c|  - [ ] d|  - [ ] e"},
		{"no right one", "what happens?|  - [ ] a|  - [ ] b|  - [ ] c"},
		{"two right ones", "what happens?|  - [x] a|  - [x] b|  - [ ] c"},
		{"the same twice", "what happens?|  - [ ] a|  - [x] b|  - [ ] a"},
		{"an empty one", "what happens?|  - [ ] |  - [x] b|  - [ ] c"},
		{"an answer of two lines", "what happens?|  - [ ] a|  - [x] b|    or b|  - [ ] c"},
		{"more text below", "what happens?|  - [ ] a|  - [x] b|  - [ ] c||And so on."},
	} {
		t.Run(bad.name, func(t *testing.T) {
			_, err := readPrediction(strings.ReplaceAll(bad.lines, "|", "\n"))
			assert.ErrorIs(t, err, errPredictionForm)
		})
	}
}
