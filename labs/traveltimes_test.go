package main

import (
	"testing"
	"time"

	"github.com/charmbracelet/x/ansi"
	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/assert"

	"socketlabs/labs/catalog"
)

func TestTravelTimesStandSideBySide(t *testing.T) {
	chosen := []catalog.Experiment{
		{Lab: "lab01", Test: "TestTwoHoursPass", File: "lab01/x_test.go", Long: true},
		{Lab: "lab01", Test: "TestNothingIsCompared", File: "lab01/x_test.go", Long: true},
		{Lab: "lab01", Test: "TestOrdinary"},
		{Lab: "lab02", Test: "TestWings", File: "lab02/y_test.go", Long: true},
	}
	var trips []*trip
	for _, events := range []string{`lab01 | TestTwoHoursPass | 2.000 s took 2s 1s
lab01 | TestTwoHoursPass | 7926.000 s took 2h12m7.333s 2h11m14.99s
lab01 | TestTwoHoursPass | pass
lab01 | TestNothingIsCompared | pass
lab02 | TestWings |     y_test.go:7: needs Wings: fit some
lab02 | TestWings | skip
`, `lab01 | TestTwoHoursPass | 7926.000 s took 2h11m15.01s 2h11m14.99s
lab01 | TestTwoHoursPass | pass
lab01 | TestNothingIsCompared | fail
lab02 | TestWings | run
`} {
		tr := &trip{release: "6.1", results: new(results), wall: 12345 * time.Millisecond}
		show(&waitView{results: tr.results}, events)
		trips = append(trips, tr)
	}
	trips[1].release = "6.12"

	want := `
timer                        nominal    Linux 6.1   Linux 6.12
two hours pass               2h11m15s   2h12m7.3s   2h11m15s
nothing is compared                     passed      failed
wings                                   skipped     did not end
all of it, in our own time              12.3s       12.3s
`
	assert.Empty(t, cmp.Diff(want, "\n"+ansi.Strip(plainTable(travelTable(chosen, trips, false)))), "(-want +got)")

	wantStacked := `
two hours pass
     2h11m15s   nominal
    2h12m7.3s   Linux 6.1
     2h11m15s   Linux 6.12
nothing is compared
       passed   Linux 6.1
       failed   Linux 6.12
wings
      skipped   Linux 6.1
  did not end   Linux 6.12
all of it, in our own time
        12.3s   Linux 6.1
        12.3s   Linux 6.12
`
	assert.Empty(t, cmp.Diff(wantStacked, "\n"+ansi.Strip(stacked(travelTable(chosen, trips, false)))), "(-want +got)")

	wantMarkdown := `| timer | nominal | Linux 6.1 | Linux 6.12 |
|---|---|---|---|
| [two hours pass](lab01/x.md#testtwohourspass) | 2h11m15s | 2h12m7.3s | 2h11m15s |
| [nothing is compared](lab01/x.md#testnothingiscompared) |  | passed | failed |
| [wings](lab02/y.md#testwings) |  | skipped | did not end |
| all of it, in our own time |  | 12.3s | 12.3s |
`
	assert.Empty(t, cmp.Diff(wantMarkdown, markdownTable(travelTable(chosen, trips, true))), "(-want +got)")

	records := travelRecords(chosen, trips)
	assert.Len(t, records, 2*len(chosen))
	assert.Equal(t, travelRecord{"6.1", "lab01", "TestTwoHoursPass", "pass", 7874.99, 7927.333, "", 12.345}, records[0])
	assert.Equal(t, "y_test.go:7: needs Wings: fit some", records[3].Says)
	assert.Equal(t, "unfinished", records[7].Result)
}
