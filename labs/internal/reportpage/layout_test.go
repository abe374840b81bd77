package reportpage_test

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"testing"

	"socketlabs/labs/internal/chromium"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var position = regexp.MustCompile(` \(at \d+, \d+\)$`)

// The script that looks for faults finds the bad pictures and texts among good ones.
func TestLayoutFaultsAreFound(t *testing.T) {
	tb := open(t, chromium.Start(t), fileURL(t, "testdata/layout.html"))
	tb.width(800)
	tb.Run(openAll)
	found := []string{}
	for _, fault := range value[[]string](tb, findUnreadableText) {
		found = append(found, position.ReplaceAllString(fault, ""))
	}
	bad := value[[]string](tb, `[...document.querySelectorAll('[data-fault]')].map(e => '#' + e.id + ': ' + e.dataset.fault)`)
	slices.Sort(bad)
	slices.Sort(found)
	assert.Empty(t, cmp.Diff(bad, found), "(-want +got)")
}

func fileURL(t *testing.T, path string) string {
	t.Helper()
	path, err := filepath.Abs(path)
	require.NoError(t, err)
	_, err = os.Stat(path)
	require.NoError(t, err)
	return "file://" + filepath.ToSlash(path)
}
