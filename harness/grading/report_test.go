package grading_test

import (
	"testing"

	"socketlabs/harness/grading/report"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestReportIsReadAsItWasWritten(t *testing.T) {
	for _, want := range []report.Report{
		{Result: report.Passed, Printed: "two\nlines"},
		{Result: report.Impossible, Reason: "no such kernel"},
		{Result: report.Failed, Step: "a step", Finding: &report.Finding{Sentence: "an-id", Mistake: "a mistake", Expected: "this", Seen: "that", Read: "lab01_timeout/TestX"}},
	} {
		text := want.Encode()
		assert.NotContains(t, text, "\n", "an attribute should be one line")
		got, err := report.Decode(text)
		require.NoError(t, err)
		assert.Empty(t, cmp.Diff(&want, got), "the report (-want +got)")
	}
}

func TestWhatIsNoReportIsAnError(t *testing.T) {
	_, err := report.Decode(`{"result": "pas`)
	assert.Error(t, err)
}
