package catalog

import (
	"go/token"
	"path"
	"regexp"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// listedFile matches a line of a doc.go that lists a file.
var listedFile = regexp.MustCompile(`(?m)^\t(\w+\.go) +\S`)

// listedIn are the files that the doc.go of a lab lists.
func listedIn(t *testing.T, lab string) (files []string) {
	t.Helper()
	doc, err := parse(token.NewFileSet(), root, lab+"/doc.go")
	require.NoError(t, err)
	for _, line := range listedFile.FindAllStringSubmatch(doc.Doc.Text(), -1) {
		files = append(files, lab+"/"+line[1])
	}
	return files
}

// Readers of a lab begin with its doc.go. It lists every file with experiments, and no file that does not exist.
// TestAllThatIsInGitIsHeldToTheRules tests that it also lists the other files.
func TestDocOfEachLabListsItsFiles(t *testing.T) {
	experiments := ours(t)
	require.NotEmpty(t, experiments)
	for _, lab := range labs(experiments) {
		listed := listedIn(t, lab)
		there, err := filesIn(root, lab+"/*.go")
		require.NoError(t, err)
		assert.Subset(t, there, listed, "%s/doc.go lists what is not there", lab)
		assert.Len(t, slices.Compact(slices.Sorted(slices.Values(listed))), len(listed), "%s/doc.go lists a file twice", lab)
		for _, e := range experiments {
			if e.Lab == lab {
				assert.Contains(t, listed, e.File, "%s/doc.go does not list %s", lab, path.Base(e.File))
			}
		}
	}
}
