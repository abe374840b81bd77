package gotest

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"socketlabs/harness/skip"
)

const module = "../../testdata/module"

// withBroken is a copy of the module, with a lab that does not compile.
func withBroken(t *testing.T) (dir string) {
	t.Helper()
	dir = t.TempDir()
	for _, folder := range []string{module, "../../testdata/broken"} {
		require.NoError(t, os.CopyFS(dir, os.DirFS(folder)))
	}
	return dir
}

func TestEventsComeInTheirOrder(t *testing.T) {
	skip.UnlessChecking(t, "runs go test")
	var got []string
	err := Do(t.Context(), module, []string{"-count=1", "-run", "^TestReadIsAnswered$", "./lab01_works"}, func(e Event) {
		if e.Action == Start || e.Action == Run || e.IsResult() {
			got = append(got, e.Action+" "+e.Test)
		}
	})
	require.NoError(t, err)
	want := []string{
		"start ",
		"run TestReadIsAnswered",
		"run TestReadIsAnswered/in_part",
		"pass TestReadIsAnswered/in_part",
		"pass TestReadIsAnswered",
		"pass ",
	}
	assert.Empty(t, cmp.Diff(want, got), "(-want +got)")
}

func TestErrorsSayWhyTestsDidNotPass(t *testing.T) {
	skip.UnlessChecking(t, "runs go test on what fails")
	broken := withBroken(t)
	ended, end := context.WithCancel(t.Context())
	end()
	for _, run := range []struct {
		name, lab string
		ctx       context.Context
		want      string
	}{
		{"one fails", "./lab02_fails", t.Context(), ErrFailed.Error()},
		{"does not compile", "./lab03_broken", t.Context(), "undefined: undefined"},
		{"is not there", "./lab00", t.Context(), "lab00"},
		{"interrupted", "./lab01_works", ended, context.Canceled.Error()},
	} {
		t.Run(run.name, func(t *testing.T) {
			t.Parallel()
			err := Do(run.ctx, broken, []string{"-count=1", run.lab}, func(Event) {})
			assert.ErrorContains(t, err, run.want)
			assert.NotContains(t, err.Error(), "\n")
		})
	}
}

// Do runs no vet, because vet reads all imports of an experiment before the first result.
func TestVetIsLeftOut(t *testing.T) {
	skip.UnlessChecking(t, "runs go test on what vet complains of")
	dir := t.TempDir()
	for name, text := range map[string]string{
		"go.mod":      "module m\n",
		"any_test.go": "package m\n\nimport \"testing\"\n\nfunc TestAny(t *testing.T) { t.Logf(\"%d\", \"no number\") }\n",
	} {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600))
	}
	assert.NoError(t, Do(t.Context(), dir, []string{"."}, func(Event) {}))
}

// When a package does not compile, Do stops the compilers of the others, and they leave no files.
func TestNothingIsLeftOfCompilersThatWereGivenUp(t *testing.T) {
	skip.UnlessChecking(t, "runs go test on what does not compile")
	temporary := t.TempDir()
	for _, setting := range []string{"GOTMPDIR", "TMPDIR", "TMP"} { // for Go, Unix, Windows
		t.Setenv(setting, temporary)
	}
	err := Do(t.Context(), withBroken(t), []string{"-count=1", "./lab03_broken", "./lab02_fails"}, func(Event) {})
	require.ErrorContains(t, err, "undefined: undefined")
	left, err := os.ReadDir(temporary)
	require.NoError(t, err)
	assert.Empty(t, left)
}
