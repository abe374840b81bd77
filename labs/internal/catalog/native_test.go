package catalog

import (
	"go/token"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The page about other systems lists all of their tests, says what each shows, and says that we have not run them. The doc.go
// of each lab lists their files.
func TestPageOfOtherSystemsListsTheirTests(t *testing.T) {
	tests, err := nativeTests(root)
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

// nativeTests are the tests of the labs for other systems, each with its place and its title.
func nativeTests(root string) (tests []Experiment, err error) {
	names, err := filesIn(root, "lab[0-9]*/*_test.go")
	if err != nil {
		return nil, err
	}
	fset := token.NewFileSet()
	for _, name := range names {
		if !isNative(name) {
			continue
		}
		file, err := parse(fset, root, name)
		if err != nil {
			return nil, err
		}
		for _, function := range testsIn(file) {
			first, _, _ := strings.Cut(function.Doc.Text(), "\n\n")
			title := strings.TrimPrefix(oneLine(first), function.Name.Name+": ")
			tests = append(tests, Experiment{Lab: path.Dir(name), Test: function.Name.Name, File: name, Title: title})
		}
	}
	return tests, nil
}
