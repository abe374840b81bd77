package report

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestReportIsReadAsItWasWritten(t *testing.T) {
	for _, want := range []Report{
		{Result: Passed, Printed: "two\nlines"},
		{Result: Impossible, Reason: "no such kernel"},
		{Result: Failed, Step: "a step", Finding: &Finding{"an-id", "A sentence.", "a mistake", "this", "that", "lab01_timeout/TestX"}},
	} {
		text := want.Encode()
		assert.NotContains(t, text, "\n", "an attribute is one line")
		got, err := Decode(text)
		require.NoError(t, err)
		assert.Empty(t, cmp.Diff(&want, got), "(-want +got)")
	}
}

func TestWhatIsNoReportIsAnError(t *testing.T) {
	_, err := Decode(`{"result": "pas`)
	assert.Error(t, err)
}
