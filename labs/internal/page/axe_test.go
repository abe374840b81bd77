package page_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"socketlabs/harness/skip"
)

// axe is the source of axe-core, which finds what keeps people from reading a page.
func axe(t *testing.T) string {
	t.Helper()
	path := filepath.Join("testdata", "node_modules", "axe-core", "axe.min.js")
	source, err := os.ReadFile(path)
	if os.IsNotExist(err) {
		skip.Needs(t, "axe-core", "it looks for barriers; get it: npm ci --prefix labs/internal/page/testdata")
	}
	require.NoError(t, err)
	return string(source)
}
