package site_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"socketlabs/labs/internal/site"
)

// A site replaces a folder only if that contains a site, or nothing.
func TestSiteReplacesOnlySites(t *testing.T) {
	dir := t.TempDir()
	assert.NoError(t, site.CanReplace(filepath.Join(dir, "new")))
	assert.NoError(t, site.CanReplace(dir), "an empty folder")

	file := filepath.Join(dir, "thesis.txt")
	require.NoError(t, os.WriteFile(file, nil, 0o666))
	assert.ErrorContains(t, site.CanReplace(dir), "name a new folder")
	assert.Error(t, site.CanReplace(file))

	require.NoError(t, os.WriteFile(filepath.Join(dir, site.Mark), nil, 0o666))
	assert.NoError(t, site.CanReplace(dir), "a site")
}
