package report

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestReportIsReadAsItWasWritten(t *testing.T) {
	path := filepath.Join(t.TempDir(), "report.json")
	for _, want := range []Report{
		{Result: Passed},
		{Result: Impossible, Reason: "no such kernel"},
		{Result: Failed, Step: "a step", Finding: &Finding{"a mistake", "this", "that", "lab01_timeout/TestX"}},
	} {
		require.NoError(t, want.Write(path))
		got, err := Read(path)
		require.NoError(t, err)
		assert.Empty(t, cmp.Diff(&want, got), "(-want +got)")
	}
}

func TestWhatIsNoReportIsAnError(t *testing.T) {
	folder := t.TempDir()
	_, err := Read(filepath.Join(folder, "gone.json"))
	assert.ErrorIs(t, err, os.ErrNotExist)
	assert.Error(t, (&Report{}).Write(filepath.Join(folder, "gone", "report.json")))
	path := filepath.Join(folder, "report.json")
	require.NoError(t, os.WriteFile(path, []byte(`{"result": "pas`), 0o666))
	_, err = Read(path)
	assert.Error(t, err)
}
