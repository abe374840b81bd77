package timeline_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"socketlabs/harness/timeline"
)

func TestComparisonSurvivesItsText(t *testing.T) {
	for _, want := range []timeline.Comparison{
		{Took: 301 * time.Millisecond, Least: 300 * time.Millisecond},
		{Took: 2*time.Hour + 12*time.Minute + 2*time.Second, Least: 2 * time.Hour},
		{},
	} {
		got, ok := timeline.Event{Lane: timeline.Story, Text: want.String()}.Comparison()
		assert.True(t, ok, "%q", want)
		assert.Equal(t, want, got)
	}
}

func TestOtherChecksCompareNoTimes(t *testing.T) {
	for _, text := range []string{"", "kernel: CLOSE", "after lunch, never before noon", "after 1s, never before", "so: after 1s, never before 1s"} {
		_, ok := timeline.Event{Text: text}.Comparison()
		assert.False(t, ok, "%q", text)
	}
}
