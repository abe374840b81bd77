//go:build unix

package site_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"socketlabs/labs/internal/site"
)

// A site that somebody else made may contain a link to a file of ours. That file is not overwritten.
func TestNothingIsWrittenThroughALink(t *testing.T) {
	experiments, err := loaded()
	require.NoError(t, err)
	ours := filepath.Join(t.TempDir(), "ours")
	require.NoError(t, os.WriteFile(ours, []byte("good"), 0o666))
	for _, link := range []string{"assets/clock.js", "assets"} {
		dir := t.TempDir()
		at := filepath.Join(dir, filepath.FromSlash(link))
		require.NoError(t, os.MkdirAll(filepath.Dir(at), 0o777))
		to := ours
		if link == "assets" {
			to = filepath.Dir(ours)
		}
		require.NoError(t, os.Symlink(to, at))
		err := site.Write(t.Context(), dir, site.Content{Root: root, Experiments: experiments})
		assert.ErrorContains(t, err, "can't be written: ", link)
	}
	text, err := os.ReadFile(ours)
	require.NoError(t, err)
	assert.Equal(t, "good", string(text))
	entries, err := os.ReadDir(filepath.Dir(ours))
	require.NoError(t, err)
	assert.Len(t, entries, 1, "files beside it")
}
