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
		{Lane: timeline.Wire, Text: "the capture has lost 3 segments"},
	} {
		for _, indent := range []string{"", "    "} {
			got, ok := timeline.Parse(indent + want.String())
			assert.True(t, ok, "%q", want)
			assert.Empty(t, cmp.Diff(want, got), "(-want +got)")
		}
	}
}

func TestSegmentSurvivesItsLineInParts(t *testing.T) {
	for _, want := range []timeline.Segment{
		{Connection: 1, From: timeline.Client, Meaning: timeline.SYN},
		{Connection: 2, From: timeline.Server, Meaning: timeline.ProbeAnswer},
		{Connection: 12, From: timeline.Client, Meaning: timeline.KeepaliveProbe, Unheard: true},
	} {
		full := want
		full.Seq, full.Length, full.Window, full.Flags = 7, 5, 65536, "P."
		got, ok := timeline.Parse(timeline.Event{Lane: timeline.Wire, Text: full.String(), Segment: &full}.String())
		assert.True(t, ok)
		assert.Equal(t, full.String(), got.Text)
		assert.Empty(t, cmp.Diff(&want, got.Segment), "(-want +got)")
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
