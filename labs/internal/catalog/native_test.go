package catalog

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The page about other systems has all of their tests, says what each shows, and that we have not run them. The doc.go of each
// lab lists their files.
func TestPageOfOtherSystemsListsTheirTests(t *testing.T) {
	tests, err := Native(root)
	require.NoError(t, err)
	require.NotEmpty(t, tests)
	text, err := os.ReadFile(filepath.Join(root, "labs", "docs", "native.md"))
	require.NoError(t, err)
	assert.Contains(t, string(text), "not run by us")
	for _, test := range tests {
		assert.Contains(t, string(text), "["+test.Test+"](../../"+test.File+")")
		assert.Contains(t, string(text), test.Title, "what %s shows", test.Test)
		assert.Contains(t, listedIn(t, test.Lab), test.File, "%s/doc.go", test.Lab)
		assert.NotContains(t, test.File, "linux")
	}
	assert.False(t, slices.ContainsFunc(ours(t), func(e Experiment) bool { return isNative(e.File) }), "they are no experiments of the lists")
}
