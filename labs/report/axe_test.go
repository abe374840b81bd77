package report_test

import (
	_ "embed"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

//go:embed testdata/axe.js
var runAxe string

// assertAccessible has axe-core look for what keeps people from reading the page.
func assertAccessible(tb *tab, where string) {
	tb.Helper()
	if !value[bool](tb, `'axe' in window`) {
		tb.run(axe(tb.T))
	}
	assert.Empty(tb, value[[]string](tb, runAxe), "axe, %s", where)
}

func axe(t *testing.T) string {
	t.Helper()
	path := filepath.Join("testdata", "node_modules", "axe-core", "axe.min.js")
	source, err := os.ReadFile(path)
	if os.IsNotExist(err) {
		unavailable(t, "needs axe-core, to look for barriers: npm ci --prefix labs/report/testdata")
	}
	require.NoError(t, err)
	return string(source)
}
