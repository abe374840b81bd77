package find

import (
	_ "embed"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"socketlabs/labs/catalog"
)

var root = filepath.Join("..", "..", "..")

func load(t *testing.T) ([]catalog.Experiment, *Index) {
	t.Helper()
	experiments, err := catalog.Load(root)
	require.NoError(t, err)
	return experiments, NewIndex(root, experiments)
}

// Each line is what a person would type who has the symptom at the same place in the files of symptoms, and the experiment
// that should come first. They are other words than the symptom's own.
//
//go:embed testdata/queries.txt
var queriesText string

//go:embed testdata/tuned.txt
var tunedText string

type query struct{ words, test string }

func queries(t *testing.T) (all []query) {
	t.Helper()
	if os.Getenv("TUNED") != "" {
		queriesText = tunedText
	}
	for line := range strings.Lines(queriesText) {
		if words, test, found := strings.Cut(strings.TrimSpace(line), " = "); found {
			all = append(all, query{words, test})
		}
	}
	return all
}

func TestSymptomsAreFoundInAPersonsWords(t *testing.T) {
	t.Parallel()
	_, index := load(t)
	all := queries(t)
	require.Len(t, all, len(Symptoms()), "each symptom needs a line in testdata/queries.txt, at the same place")
	first := 0
	for i, q := range all {
		s := Symptoms()[i]
		require.Equal(t, s.ShownBy[0], q.test, "%q is for the symptom %q", q.words, s.Sees)
		found := index.Find(q.words)
		at := slices.IndexFunc(found, func(m Match) bool { return m.Experiment.Test == q.test })
		if at == 0 {
			first++
			continue
		}
		t.Logf("%q: %s is at %d of", q.words, q.test, at)
		for _, m := range found {
			t.Logf("\t%.1f %s %s: %s", m.Score, m.Experiment.Test, m.Where, m.Line)
		}
		assert.True(t, at >= 0 && at < 3, q.words)
	}
	t.Logf("%d of %d first", first, len(all))
}
