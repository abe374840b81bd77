package harness_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// An experiment begins with Start, so that it can be skipped where its needs are not met, and is ended if a call hangs. An
// Example can't be skipped, and nothing ends it.
func TestNoExperimentIsAnExample(t *testing.T) {
	files, err := filepath.Glob("../lab0*/*_test.go")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, path := range files {
		fset := token.NewFileSet()
		file, err := parser.ParseFile(fset, path, nil, parser.SkipObjectResolution)
		require.NoError(t, err)
		for _, declaration := range file.Decls {
			if function, ok := declaration.(*ast.FuncDecl); ok && strings.HasPrefix(function.Name.Name, "Example") {
				t.Errorf("%s: make it a test that begins with harness.Start", fset.Position(function.Pos()))
			}
		}
	}
}
