package exercises

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"socketlabs/harness/grading/report"
	"socketlabs/harness/story"
	"socketlabs/labs/internal/catalog"
	"socketlabs/labs/internal/grade"
)

func TestWrongSolutionsAreTold(t *testing.T) {
	const text = "The mistakes: -- as said --.\n\n-- first --\nit waits\nfor ever.\nSays: it waits\nBreaks: it-returns\n\n-x\n+y\n\n-- second --\nit ends.\nSays: no\nBreaks: whole\n"
	assert.Equal(t, map[string][]string{"it-returns": {"it waits for ever."}, "whole": {"it ends."}}, mistakesIn(text))
	assert.Empty(t, mistakesIn(""))
}

func TestEndOfTheStoryIsShown(t *testing.T) {
	r := grade.Result{Report: report.Report{Result: report.Failed, Finding: &report.Finding{Mistake: "it waits"}}}
	for i := range 15 {
		r.Story = append(r.Story, story.Event{Lane: story.Story, Kind: story.Step, Text: fmt.Sprintf("step %d.", i+1)})
	}
	text := failure(r, 80)
	assert.Contains(t, text, "… 3 earlier events: labs grade --format json has all")
	assert.NotContains(t, text, "step 3.")
	assert.Contains(t, text, "step 4.")
	assert.Contains(t, text, "it waits")
	r.Story = r.Story[:12]
	assert.NotContains(t, failure(r, 80), "earlier")
}

func TestEndOfWhatIsPrintedIsShown(t *testing.T) {
	assert.Equal(t, "", lastLines(" \n"))
	assert.Equal(t, "a\nb", lastLines("a\nb\n"))
	assert.Equal(t, "…\n"+strings.TrimSpace(strings.Repeat("x\n", 10)), lastLines(strings.Repeat("x\n", 11)))
	assert.LessOrEqual(t, len(lastLines(strings.Repeat("ä", 1<<20))), 2010)
}

// The watcher starts with an exercise that is begun, and then moves to the next one that has not passed, round and round.
func TestWatchGoesOnToWhatHasNotPassed(t *testing.T) {
	w := &watcher{states: map[string]string{"l/A": statePassed, "l/B": stateNotBegun, "l/C": stateChanged, "l/D": stateNotBegun}}
	for _, name := range []string{"A", "B", "C", "D"} {
		w.exercises = append(w.exercises, catalog.Exercise{Lab: "l", Name: name})
	}
	assert.Equal(t, "l/C", w.first())
	w.states["l/C"] = stateNotBegun
	assert.Equal(t, "l/B", w.first())
	for after, want := range map[string]string{"l/A": "l/B", "l/B": "l/C", "l/D": "l/B"} {
		assert.Equal(t, want, w.next(after))
	}
	assert.Equal(t, 1, w.passed())
	for name := range w.states {
		w.states[name] = statePassed
	}
	assert.Equal(t, "l/B", w.next("l/B"), "all have passed")
	w.at = "l/B"
	assert.Equal(t, "all is done: 4 exercises passed", w.why())
}
