package travel

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/charmbracelet/x/ansi"
	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"socketlabs/harness/story"
	"socketlabs/labs/internal/catalog"
	"socketlabs/labs/internal/gotest"
	"socketlabs/labs/internal/results"
	"socketlabs/labs/internal/term"
)

func TestTravelTimesStandSideBySide(t *testing.T) {
	chosen := []catalog.Experiment{
		{Lab: "lab01", Test: "TestTwoHoursPass", File: "lab01/x_test.go", Long: true},
		{Lab: "lab01", Test: "TestNothingIsCompared", File: "lab01/x_test.go", Long: true},
		{Lab: "lab01", Test: "TestOrdinary"},
		{Lab: "lab02", Test: "TestWings", File: "lab02/y_test.go", Long: true},
	}
	took := func(lab, test, took, least string) gotest.Event {
		span := new(story.Span)
		span.Took, _ = time.ParseDuration(took)
		span.Least, _ = time.ParseDuration(least)
		attribute := story.Event{Lane: story.Story, Kind: story.Took, Span: span}.Encode()[0]
		return gotest.Event{Package: lab, Test: test, Action: gotest.Attr, Key: story.AttrKey, Value: attribute[1]}
	}
	becomes := func(lab, test, action string) gotest.Event {
		return gotest.Event{Package: lab, Test: test, Action: action}
	}
	var trips []*trip
	for _, events := range [][]gotest.Event{
		{
			took("lab01", "TestTwoHoursPass", "2s", "1s"),
			took("lab01", "TestTwoHoursPass", "2h12m7.333s", "2h9m59.99s"),
			becomes("lab01", "TestTwoHoursPass", gotest.Pass),
			becomes("lab01", "TestNothingIsCompared", gotest.Pass),
			{Package: "lab02", Test: "TestWings", Action: gotest.Output, Output: "    y_test.go:7: needs Wings: fit some\n"},
			becomes("lab02", "TestWings", gotest.Skip),
		},
		{
			took("lab01", "TestTwoHoursPass", "2h11m15.01s", "2h11m14.99s"),
			becomes("lab01", "TestTwoHoursPass", gotest.Pass),
			becomes("lab01", "TestNothingIsCompared", gotest.Fail),
			becomes("lab02", "TestWings", gotest.Run),
		},
	} {
		tr := &trip{release: "6.1", results: new(results.Results), wall: 12345 * time.Millisecond}
		for _, e := range events {
			tr.results.Add(e)
		}
		trips = append(trips, tr)
	}
	trips[1].release = "6.12"

	want := `
timer                        nominal           Linux 6.1                               Linux 6.12
two hours pass               2 h 11 min 15 s   2 h 12 min 7.3 s (nominal 2 h 10 min)   2 h 11 min 15 s
nothing is compared                            passed                                  failed
wings                                          skipped                                 did not end
all of it, in our own time                     12.3 s                                  12.3 s
`
	assert.Empty(t, cmp.Diff(want, "\n"+ansi.Strip(term.Table(table(chosen, trips, false)))), "(-want +got)")

	wantStacked := `
two hours pass
    2 h 11 min 15 s   nominal
  2 h 12 min 7.3 s (nominal 2 h 10 min)   Linux 6.1
    2 h 11 min 15 s   Linux 6.12
nothing is compared
             passed   Linux 6.1
             failed   Linux 6.12
wings
            skipped   Linux 6.1
        did not end   Linux 6.12
all of it, in our own time
             12.3 s   Linux 6.1
             12.3 s   Linux 6.12
`
	assert.Empty(t, cmp.Diff(wantStacked, "\n"+ansi.Strip(term.Stacked(table(chosen, trips, false)))), "(-want +got)")

	wantMarkdown := `| timer | nominal | Linux 6.1 | Linux 6.12 |
|---|---|---|---|
| [two hours pass](lab01/x.md#testtwohourspass) | 2 h 11 min 15 s | 2 h 12 min 7.3 s (nominal 2 h 10 min) | 2 h 11 min 15 s |
| [nothing is compared](lab01/x.md#testnothingiscompared) |  | passed | failed |
| [wings](lab02/y.md#testwings) |  | skipped | did not end |
| all of it, in our own time |  | 12.3 s | 12.3 s |
`
	assert.Empty(t, cmp.Diff(wantMarkdown, markdownTable(table(chosen, trips, true))), "(-want +got)")

	all := records(chosen, trips)
	assert.Len(t, all, 2*len(chosen))
	assert.Equal(t, record{"6.1", "lab01", "TestTwoHoursPass", "pass", 7799.99, 7927.333, "", 12.345}, all[0])
	assert.Equal(t, "y_test.go:7: needs Wings: fit some", all[3].Says)
	assert.Equal(t, "unfinished", all[7].Result)
}

// The column of this machine has the times of the experiments that it ran, and is empty for the others.
func TestOwnTimersStandBesideTheOthers(t *testing.T) {
	chosen := []catalog.Experiment{{Lab: "lab01", Test: "TestTwoHoursPass", Long: true}, {Lab: "lab01", Test: "TestNotWaitedFor", Long: true}}
	dir := t.TempDir()
	for name, text := range map[string]string{
		"machinetest/TestMachine/outcome.json": `{"lab": "machinetest", "test": "TestMachine", "result": "pass", "attributes": {"is/kernel": "Linux 6.1.2-name-3 x86_64"}}`,
		"lab01/TestTwoHoursPass/outcome.json":  `{"lab": "lab01", "test": "TestTwoHoursPass", "result": "pass"}`,
		"lab01/TestTwoHoursPass/story.json":    `{"events": [{"lane": "story", "kind": "took", "span": {"took_ns": 2000000000, "least_ns": 1000000000}}]}`,
		"lab01/TestNotWaitedFor/outcome.json":  `{"lab": "lab01", "test": "TestNotWaitedFor", "result": "skip"}`,
	} {
		path := filepath.Join(dir, filepath.FromSlash(name))
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o777))
		require.NoError(t, os.WriteFile(path, []byte(text), 0o666))
	}
	own, err := ownTrip(dir)
	require.NoError(t, err)
	want := [][]string{
		{"timer", "nominal", "Linux 6.1.2, in real time"},
		{"two hours pass", "1.0 s", "2.0 s"},
		{"not waited for", "", ""},
		{"all of it, in our own time", "", ""},
	}
	assert.Empty(t, cmp.Diff(want, table(chosen, []*trip{own}, false)), "(-want +got)")

	require.NoError(t, os.RemoveAll(filepath.Join(dir, "machinetest")))
	_, err = ownTrip(dir)
	assert.ErrorContains(t, err, "has nothing of this machine")
}
