package reportpage

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"socketlabs/harness/story"
	"socketlabs/labs/internal/gotest"
	"socketlabs/labs/internal/kept"
	"socketlabs/labs/internal/kept/kepttest"
)

// A folder that an earlier version has kept has no outcome of the whole test.
func TestWholeIsSummedUpFromItsParts(t *testing.T) {
	whole := newTest(kept.Run{Kernel: kernel, Tests: []kept.Test{
		kepttest.Ran(lab3, "TestX/a/one", gotest.Pass, nil),
		kepttest.Ran(lab3, "TestX/a/two", gotest.Fail, nil),
		kepttest.Ran(lab3, "TestX/b_c", gotest.Pass, nil),
		kepttest.Ran(lab3, "TestXY", gotest.Pass, nil),
		kepttest.Ran(lab4, "TestX/d", gotest.Pass, nil),
	}}, lab3+"/TestX")
	require.NotNil(t, whole)
	assert.Equal(t, kernel+"/"+lab3+"/TestX", whole.ID)
	assert.Equal(t, failed, whole.Result)
	assert.Equal(t, "4.0 s", whole.Took())
	require.Len(t, whole.Parts, 2)
	a, b := whole.Parts[0], whole.Parts[1]
	assert.Equal(t, []string{"a", "b c"}, []string{a.Name, b.Name})
	assert.Equal(t, []result{failed, passed}, []result{a.Result, b.Result})
	assert.Equal(t, []bool{true, false}, []bool{a.IsOpen(), b.IsOpen()}, "a failure is not hidden")
	assert.Len(t, whole.Leaves(), 3)
}

func TestWhatDidNotRunIsNoTest(t *testing.T) {
	assert.Nil(t, newTest(kept.Run{}, lab3+"/TestX"))
}

func TestComparedTimesStandWithWhatEnded(t *testing.T) {
	first := story.Span{Took: time.Second, Least: -10 * time.Millisecond}
	last := story.Span{Took: 3 * time.Second, Least: 2 * time.Second}
	got := compared([]story.Event{
		{Kind: story.Took, Span: &first},
		{Lane: story.Server, Kind: story.Outcome, Text: "Accept: timeout"},
		{Kind: story.Step, Text: "next"},
		{Kind: story.Took, Span: &last},
	})
	want := []comparison{
		{"", first},
		{"server: Accept: timeout", last},
	}
	assert.Empty(t, cmp.Diff(want, got), "(-want +got)")
	assert.Equal(t, time.Second, got[0].Late(), "nothing is late by less than nothing")
	assert.Equal(t, time.Second, got[1].Late())
}
