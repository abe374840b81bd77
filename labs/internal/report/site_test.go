package report

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"socketlabs/labs/internal/site"
)

// A site takes the place of a site, and of nothing else.
func TestSiteReplacesOnlySites(t *testing.T) {
	dir := t.TempDir()
	assert.NoError(t, isForSite(filepath.Join(dir, "new")))
	assert.NoError(t, isForSite(dir), "an empty folder")

	file := filepath.Join(dir, "thesis.txt")
	require.NoError(t, os.WriteFile(file, nil, 0o666))
	assert.ErrorContains(t, isForSite(dir), "name a new folder")
	assert.Error(t, isForSite(file))

	require.NoError(t, os.WriteFile(filepath.Join(dir, site.Mark), nil, 0o666))
	assert.NoError(t, isForSite(dir), "a site")
}
