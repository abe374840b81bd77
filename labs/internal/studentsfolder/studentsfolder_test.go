package studentsfolder

import (
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// If two people make the same folder at the same time, one fails, and takes away only its own files.
func TestOnlyWhatWasMadeIsRemoved(t *testing.T) {
	dir := t.TempDir()
	var c copier
	for _, name := range []string{"lab/both/mine.go", "lab/mine/mine.go", "mine.go"} {
		require.NoError(t, c.write(dir, name, nil))
	}
	theirs := filepath.Join(dir, "lab", "both", "theirs.go")
	require.NoError(t, os.WriteFile(theirs, nil, 0o666))
	assert.ErrorIs(t, c.write(dir, "lab/both/theirs.go", nil), fs.ErrExist)
	c.remove()
	assert.FileExists(t, theirs)
	var left []string
	require.NoError(t, filepath.WalkDir(dir, func(path string, _ fs.DirEntry, err error) error {
		left = append(left, path)
		return err
	}))
	assert.Equal(t, []string{dir, filepath.Join(dir, "lab"), filepath.Join(dir, "lab", "both"), theirs}, left)
}
