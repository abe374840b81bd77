//go:build unix

package wholefile

import (
	"io"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The owner decides who reads a file, for example the points of a class.
func TestFileIsForWhomItsOwnerSays(t *testing.T) {
	file := filepath.Join(t.TempDir(), "results.csv")
	mode := func() os.FileMode {
		t.Helper()
		_, err := Replace(file, func(w io.Writer) error { _, err := io.WriteString(w, "x"); return err })
		require.NoError(t, err)
		is, err := os.Stat(file)
		require.NoError(t, err)
		isAlone(t, file)
		return is.Mode()
	}
	before := syscall.Umask(0o077)
	defer syscall.Umask(before)
	assert.Equal(t, os.FileMode(0o600), mode(), "a new one")
	require.NoError(t, os.Chmod(file, 0o640))
	assert.Equal(t, os.FileMode(0o640), mode(), "an old one")
	require.NoError(t, os.Remove(file))
	syscall.Umask(0o022)
	assert.Equal(t, os.FileMode(0o644), mode())
}
