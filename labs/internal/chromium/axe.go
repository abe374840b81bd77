package chromium

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"socketlabs/harness/skip"
	"socketlabs/labs/internal/catalog"
)

// Axe is the source of axe-core, which finds what keeps people from reading a page.
func Axe(t *testing.T) string {
	t.Helper()
	root, err := catalog.Root(".")
	require.NoError(t, err)
	const folder = "labs/internal/reportpage/testdata"
	source, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(folder), "node_modules", "axe-core", "axe.min.js"))
	if os.IsNotExist(err) {
		skip.Needs(t, "axe-core", "it looks for barriers; get it: npm ci --prefix "+folder)
	}
	require.NoError(t, err)
	return string(source)
}
