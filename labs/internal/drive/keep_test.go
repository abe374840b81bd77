package drive

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"socketlabs/labs/internal/gotest"
	"socketlabs/labs/internal/kept"
	"socketlabs/labs/internal/results"
	"socketlabs/labs/internal/term/termtest"
	"socketlabs/labs/internal/view"
)

// Wherever tests run, on this machine or in the time machine, their outcomes are kept: also the outcome of a test
// that does not end, and that of the machine test, which is not shown.
func TestAllIsKeptAndExperimentsAreShown(t *testing.T) {
	dir := t.TempDir()
	keeper, err := NewKeeper(dir, "6.1")
	require.NoError(t, err)
	left := filepath.Join(keeper.Artifacts(), "123")
	require.NoError(t, os.Mkdir(left, 0o777))
	require.NoError(t, os.WriteFile(filepath.Join(left, "story.json"), []byte(`{"test": "TestA"}`), 0o666))
	began := time.Date(2026, 2, 3, 4, 5, 6, 0, time.UTC)

	shown := new(results.Results)
	s, _ := termtest.Screen(t)
	err = Follow(s, WithoutMachineTest(view.NewWait(s, shown, "")), keeper, func(each func(gotest.Event)) error {
		for i, e := range []gotest.Event{
			{Package: "socketlabs/lab01", Test: "TestA", Action: gotest.Run},
			{Package: "socketlabs/lab01", Test: "TestA", Action: gotest.Attr, Key: "story", Value: `{"text": "it begins"}`},
			{Package: "socketlabs/lab01", Test: "TestA", Action: gotest.Attr, Key: "judgment", Value: "right"},
			{Package: "socketlabs/lab01", Test: "TestA", Action: gotest.Artifacts, Path: left},
			{Package: "socketlabs/lab01", Test: "TestA", Action: gotest.Output, Output: "    a_test.go:7: needs more\n"},
			{Package: "socketlabs/lab01", Test: "TestA", Action: gotest.Fail, Elapsed: 1.5},
			{Package: "socketlabs/labs/internal/machinetest", Test: "TestMachine", Action: gotest.Run},
			{Package: "socketlabs/labs/internal/machinetest", Test: "TestMachine", Action: gotest.Attr, Key: "is/Go", Value: "go1"},
			{Package: "socketlabs/labs/internal/machinetest", Test: "TestMachine", Action: gotest.Pass},
			{Package: "socketlabs/lab01", Test: "TestB", Action: gotest.Run},
		} {
			e.Time = began.Add(time.Duration(i) * time.Second)
			each(e)
		}
		return nil
	})
	require.NoError(t, err)
	assert.Len(t, shown.Experiments, 2, "not the machine test")

	runs, err := kept.Read(dir)
	require.NoError(t, err)
	require.Len(t, runs, 1)
	assert.Equal(t, "6.1", runs[0].Kernel)
	var got []kept.Outcome
	for _, test := range runs[0].Tests {
		got = append(got, test.Outcome)
		assert.Equal(t, test.Test == "TestA", test.Story != nil, test.Test)
	}
	assert.Empty(t, cmp.Diff([]kept.Outcome{
		{Lab: "lab01", Test: "TestA", Result: "fail", Began: began, Took: 1.5,
			Says: []string{"    a_test.go:7: needs more"}, Attributes: map[string]string{"judgment": "right"}},
		{Lab: "lab01", Test: "TestB", Began: began.Add(9 * time.Second)},
		{Lab: "machinetest", Test: "TestMachine", Result: "pass", Began: began.Add(6 * time.Second), Attributes: map[string]string{"is/Go": "go1"}},
	}, got), "(-want +got)")
}

// The machine test is not shown, so the Keeper has to report its failure.
func TestMachineTestThatFailsIsTold(t *testing.T) {
	keeper, err := NewKeeper(t.TempDir(), "")
	require.NoError(t, err)
	keeper.note(gotest.Event{Package: "socketlabs/labs/internal/machinetest", Test: "TestMachine", Action: gotest.Fail})
	assert.ErrorContains(t, keeper.finish(false), "labs doctor says why")
}

// A test that was interrupted does not replace what was kept of it before.
func TestInterruptedExperimentLeavesWhatWasKept(t *testing.T) {
	dir := t.TempDir()
	keep := func(after string, err error) {
		keeper, failed := NewKeeper(dir, "")
		require.NoError(t, failed)
		s, _ := termtest.Screen(t)
		got := Follow(s, view.NewWait(s, new(results.Results), ""), keeper, func(each func(gotest.Event)) error {
			for _, e := range []gotest.Event{
				{Test: "TestA", Action: gotest.Run}, {Test: "TestB", Action: gotest.Run},
				{Test: "TestB", Action: gotest.Pass}, {Test: "TestA", Action: after},
			} {
				e.Package = "socketlabs/lab01"
				each(e)
			}
			return err
		})
		assert.ErrorIs(t, got, err)
	}
	result := func() (results []string) {
		runs, err := kept.Read(dir)
		require.NoError(t, err)
		for _, test := range runs[0].Tests {
			results = append(results, test.Test+" "+test.Result)
		}
		return results
	}
	keep(gotest.Fail, gotest.ErrFailed)
	assert.Equal(t, []string{"TestA fail", "TestB pass"}, result())
	keep(gotest.Output, context.Canceled)
	assert.Equal(t, []string{"TestA fail", "TestB pass"}, result())
	keep(gotest.Output, gotest.ErrFailed) // the process ended before the test
	assert.Equal(t, []string{"TestA ", "TestB pass"}, result())
}
