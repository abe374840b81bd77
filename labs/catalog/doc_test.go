package catalog

import (
	"go/parser"
	"go/token"
	"path/filepath"
	"regexp"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// listedFile is a line of a doc.go that says what is in a file.
var listedFile = regexp.MustCompile(`(?m)^\t(\w+\.go) +\S`)

// Whoever reads a lab begins with its doc.go: that lists every other file of the folder, once.
func TestDocOfEachLabListsItsFiles(t *testing.T) {
	experiments, err := Load(root)
	require.NoError(t, err)
	require.NotEmpty(t, experiments)
	for _, lab := range labs(experiments) {
		var want, got []string
		paths, err := filepath.Glob(filepath.Join(root, lab, "*.go"))
		require.NoError(t, err)
		for _, path := range paths {
			if name := filepath.Base(path); name != "doc.go" {
				want = append(want, name)
			}
		}
		doc, err := parser.ParseFile(token.NewFileSet(), filepath.Join(root, lab, "doc.go"), nil, parser.ParseComments)
		require.NoError(t, err)
		for _, line := range listedFile.FindAllStringSubmatch(doc.Doc.Text(), -1) {
			got = append(got, line[1])
		}
		slices.Sort(want)
		slices.Sort(got)
		assert.Empty(t, cmp.Diff(want, got), "%s/doc.go should list these files (-want +got)", lab)
	}
}
