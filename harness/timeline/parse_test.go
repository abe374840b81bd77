package timeline_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/assert"

	"socketlabs/harness/timeline"
)

func TestEventSurvivesItsLine(t *testing.T) {
	for _, want := range []timeline.Event{
		{At: 301 * time.Millisecond, Lane: timeline.Client, Text: "Read: i/o timeout"},
		{At: 2*time.Hour + 11*time.Minute, Lane: timeline.Story, Text: "the peer is gone"},
		{Lane: timeline.Server, Text: `  says "0.001 s  client  x"  `},
		{Lane: "another", Text: ""},
	} {
		for _, indent := range []string{"", "    "} {
			got, ok := timeline.Parse(indent + want.String())
			assert.True(t, ok, "%q", want)
			assert.Empty(t, cmp.Diff(want, got), "(-want +got)")
		}
	}
}

func TestOtherLinesAreNoEvents(t *testing.T) {
	for _, line := range []string{
		"",
		"=== RUN   TestX",
		"--- PASS: TestX (0.30s)",
		"    x_test.go:30: 0.301 s  client  Read",
		"   0.3 s  client  Read",
		"ok  	socketlabs/lab01_timeout	0.315s",
	} {
		_, ok := timeline.Parse(line)
		assert.False(t, ok, "%q", line)
	}
}
