package catalog

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"socketlabs/harness/skip"
	"socketlabs/harness/story"
	"socketlabs/labs/internal/gotest"
	"socketlabs/labs/internal/kept"
)

func TestRecordIsOfTheExperimentsThereAre(t *testing.T) {
	record, err := readRecord(root)
	require.NoError(t, err)
	if !*update {
		diff := cmp.Diff(sorted(names(ours(t))), slices.Sorted(maps.Keys(record)))
		assert.Empty(t, diff, "recorded.json is out of date; run \"make generate\" (-want +got)")
	}
}

func TestRecordIsWhatExperimentsDo(t *testing.T) {
	skip.UnlessChecking(t, "runs all experiments")
	old, err := readRecord(root)
	require.NoError(t, err)
	experiments := ours(t)
	seen := observe(t, labs(experiments))
	if *update {
		isCurrent(t, filepath.Join(root, recordFile), read(t, filepath.Join(root, recordFile)), recordOf(t, experiments, seen, old))
		return
	}
	for _, e := range experiments {
		o, was := seen[e.Name()], old[e.Name()]
		if o == nil {
			continue // it is of another system
		}
		assert.Empty(t, cmp.Diff(was.Needs, sorted(o.needs)), "%s needs something else; run \"make generate\" (-recorded +seen)", e.Name())
		if o.isWhole() {
			assert.Empty(t, cmp.Diff(was.Failures, o.failures()), "%s makes something else fail; run \"make generate\" (-recorded +seen)", e.Name())
		}
	}
}

// recordOf is the text of a fresh record. It keeps what was measured before, as long as figures are not asked for.
func recordOf(t *testing.T, experiments []Experiment, seen map[string]*observed, old map[string]recorded) string {
	t.Helper()
	var lines []string
	travelled := make(map[string][]story.Event)
	if *figures {
		travelled = travel(t)
	}
	for _, e := range experiments {
		o, r := seen[e.Name()], old[e.Name()]
		require.NotNil(t, o, "%s did not run", e.Name())
		r.Needs = sorted(o.needs)
		switch isLong := slices.Contains(r.Needs, longTimers); {
		case !isLong:
			require.True(t, o.isWhole(), "%s can't run here, or has failed", e.Name())
			r.Failures = o.failures()
			if seconds := math.Round(o.seconds*10) / 10; r.Seconds == nil || *figures {
				r.Seconds = &seconds
			}
		case *figures:
			r.Failures = failuresIn(travelled[e.Name()])
		case r.Failures == nil:
			r.Failures = []string{} // "make figures" finds them
		}
		value, err := json.Marshal(r)
		require.NoError(t, err)
		lines = append(lines, fmt.Sprintf("  %q: %s", e.Name(), value))
	}
	return "{\n" + strings.Join(sorted(lines), ",\n") + "\n}\n"
}

// observed is what was seen of an experiment and its parts.
type observed struct {
	results []string
	seconds float64 // that its longest part took
	needs   []string
	events  []story.Event
}

// isWhole reports whether all of it ran, and passed.
func (o *observed) isWhole() bool {
	return !slices.Contains(o.results, gotest.Skip) && !slices.Contains(o.results, gotest.Fail)
}

func (o *observed) failures() []string { return failuresIn(o.events) }

// failuresIn are the failures that the events tell of.
func failuresIn(events []story.Event) []string {
	names := []string{}
	for _, f := range story.Failures(events) {
		names = append(names, string(f))
	}
	return names
}

// observe runs the labs and listens to what their experiments say of themselves.
func observe(t *testing.T, labs []string) map[string]*observed {
	t.Helper()
	seen := make(map[string]*observed)
	decoders := make(map[string]*story.Decoder) // by tests and their parts
	args := []string{"-count=1"}
	for _, lab := range labs {
		args = append(args, "./"+lab)
	}
	err := gotest.Do(t.Context(), root, args, func(e gotest.Event) {
		test, _, _ := strings.Cut(e.Test, "/")
		if test == "" {
			return
		}
		name := strings.TrimPrefix(e.Package, "socketlabs/") + "/" + test
		if seen[name] == nil {
			seen[name] = new(observed)
		}
		o, part := seen[name], e.Package+"/"+e.Test
		if decoders[part] == nil {
			decoders[part] = new(story.Decoder)
		}
		switch {
		case e.IsResult():
			o.results = append(o.results, e.Action)
			o.seconds = max(o.seconds, e.Elapsed)
		case e.Action == gotest.Attr && e.Key == skip.Attribute:
			o.needs = append(o.needs, strings.Split(e.Value, skip.Between)...)
		case e.Action == gotest.Attr:
			event, done, err := decoders[part].Attribute(e.Key, e.Value)
			assert.NoError(t, err, part)
			if done {
				o.events = append(o.events, event)
			}
		}
	})
	if !errors.Is(err, gotest.ErrFailed) { // that is the labs' own matter
		require.NoError(t, err)
	}
	return seen
}

// travel gives the stories of the experiments that wait for minutes, by the time machine.
func travel(t *testing.T) map[string][]story.Event {
	t.Helper()
	stories := make(map[string][]story.Event)
	for _, test := range keptBy(t, "go run ./labs timemachine") {
		if test.Story != nil {
			experiment, _, _ := strings.Cut(test.Test, "/")
			name := test.Lab + "/" + experiment
			stories[name] = append(stories[name], test.Story.Events...)
		}
	}
	return stories
}

// keptBy runs a command and gives what it keeps of the tests on the first kernel. On another, they do the same.
func keptBy(t *testing.T, command string) []kept.Test {
	t.Helper()
	dir := t.TempDir()
	run(t, command+" --keep "+dir)
	runs, err := kept.Read(dir)
	require.NoError(t, err)
	return runs[0].Tests
}

// sorted gives the names in their order, each once.
func sorted(names []string) []string {
	names = append([]string{}, names...)
	slices.Sort(names)
	return slices.Compact(names)
}
