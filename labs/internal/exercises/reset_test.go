package exercises

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"socketlabs/labs/internal/catalog"
)

// Whatever is in the place of a student's file, the file can be put back, and what was there is kept.
func TestFileIsPutBackWhateverIsInItsPlace(t *testing.T) {
	const name = "lab01_timeout/exercise/exercise.go"
	e := catalog.Exercise{Lab: "lab01_timeout", Name: "SendAll", File: name}
	starter, err := catalog.Starter(e.Lab)
	require.NoError(t, err)
	for is, put := range map[string]func(file string) error{
		"nothing":  func(string) error { return nil },
		"a folder": func(file string) error { return os.Mkdir(file, 0o777) },
		"huge":     func(file string) error { return os.WriteFile(file, make([]byte, catalog.MostSource+1), 0o666) },
		"no Go":    func(file string) error { return os.WriteFile(file, []byte("\xff"), 0o666) },
		"a link":   func(file string) error { return os.Symlink("gone", file) },
	} {
		t.Run(is, func(t *testing.T) {
			root := t.TempDir()
			file := filepath.Join(root, filepath.FromSlash(name))
			require.NoError(t, os.MkdirAll(filepath.Dir(file), 0o777))
			require.NoError(t, os.WriteFile(file+".old1", []byte("older"), 0o666))
			if err := put(file); is == "a link" && err != nil {
				t.Skipf("no links here: %v", err) // Windows asks for a privilege
			} else {
				require.NoError(t, err)
			}
			before, wasThere := os.Lstat(file)
			if is != "no Go" {
				_, err = reset(root, e, false)
				assert.ErrorContains(t, err, "; labs reset lab01_timeout puts the whole file back")
			}
			said, err := reset(root, e, true)
			require.NoError(t, err)
			text, err := os.ReadFile(file)
			require.NoError(t, err)
			assert.Equal(t, string(starter), string(text))
			if wasThere != nil {
				assert.Equal(t, name+" is put back", said)
				return
			}
			assert.Equal(t, name+" is put back; your text is kept in "+name+".old2", said)
			kept, err := os.Lstat(file + ".old2")
			require.NoError(t, err)
			assert.Equal(t, [2]any{before.Mode().Type(), before.Size()}, [2]any{kept.Mode().Type(), kept.Size()})
		})
	}
}
