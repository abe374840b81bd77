package main

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"socketlabs/harness/skip"
	"socketlabs/labs/internal/catalog"
)

// The experiment that a newcomer sees first tells the story of its page, line by line, and of the README's picture.
func TestFirstStoryIsCurrentInItsOrder(t *testing.T) {
	skip.UnlessChecking(t, "runs an experiment that takes seconds")
	const first = "TestVanishedPeerOnTheWire"
	p := loaded(t)
	runsAsPagesShow(t)
	i := slices.IndexFunc(p.experiments, func(e catalog.Experiment) bool { return e.Test == first })
	e := p.experiments[i]
	require.Contains(t, p.old("README.md"), `<img src="`+pictureOf(e)+`"`)
	require.Contains(t, p.old("README.md"), "go run ./labs run "+strings.TrimPrefix(first, "Test"))

	// On a busy machine, lines of the same moment may change places.
	var diff string
	for range attempts {
		require.NoError(t, ableTo(t, p.runAll(t.Context(), first)))
		diff = cmp.Diff(withoutFigures(p.run.story(e)), withoutFigures(p.storyOnPage(e))) +
			cmp.Diff(words(p.run.drawing(e)), words(p.old(pictureOf(e))))
		if diff == "" {
			return
		}
	}
	assert.Empty(t, diff, "%s tells something else than its page; run \"make generate\" (-want +got)", first)
}

// words are the words of a picture, without its times.
func words(picture string) (words []string) {
	for _, found := range pictureText.FindAllStringSubmatch(picture, -1) {
		if class, text := found[1], found[2]; !strings.Contains(class, "time") {
			words = append(words, class+": "+withoutFigures(text))
		}
	}
	return words
}
