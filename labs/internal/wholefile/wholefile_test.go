package wholefile

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestGoodFileIsReplacedByAGoodOneOnly(t *testing.T) {
	file := filepath.Join(t.TempDir(), "report.html")
	require.NoError(t, os.WriteFile(file, []byte("good"), 0o666))
	holds := func(want string) {
		t.Helper()
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		assert.Equal(t, want, string(text))
		isAlone(t, file)
	}

	require.NoError(t, CanReplace(file))
	holds("good")

	broken := errors.New("broken")
	_, err := Replace(file, func(w io.Writer) error {
		fmt.Fprint(w, "half of a")
		return broken
	})
	assert.ErrorIs(t, err, broken)
	holds("good")

	size, err := Replace(file, func(w io.Writer) error {
		_, err := fmt.Fprint(w, "better")
		return err
	})
	require.NoError(t, err)
	assert.Equal(t, 6, size)
	holds("better")

	assert.ErrorIs(t, New(file, []byte("new")), fs.ErrExist)
	holds("better")
}

// isAlone asserts that the file is alone in its folder, especially without temporary files.
func isAlone(t *testing.T, file string) {
	t.Helper()
	entries, err := os.ReadDir(filepath.Dir(file))
	require.NoError(t, err)
	assert.Len(t, entries, 1, "%v", entries)
}
