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

// functionsOfLabs are those of the labs' tests, and where they are. Tests without a claim are left out: they are the
// reader's own.
func functionsOfLabs(t *testing.T) (functions []*ast.FuncDecl, files *token.FileSet) {
	t.Helper()
	paths, err := filepath.Glob("../lab0*/*_test.go")
	require.NoError(t, err)
	files = token.NewFileSet()
	for _, path := range paths {
		file, err := parser.ParseFile(files, path, nil, parser.ParseComments|parser.SkipObjectResolution)
		require.NoError(t, err)
		for _, declaration := range file.Decls {
			function, ok := declaration.(*ast.FuncDecl)
			if !ok {
				continue
			}
			name := function.Name.Name
			isTest := strings.HasPrefix(name, "Test") || strings.HasPrefix(name, "Example")
			if !isTest || name == "TestMain" || strings.Contains(function.Doc.Text(), "\nClaim: ") {
				functions = append(functions, function)
			}
		}
	}
	require.NotEmpty(t, functions)
	return functions, files
}

// An experiment begins with Start, so that it can be skipped where its needs are not met, and is ended if a call hangs. An
// Example can't be skipped, and nothing ends it.
func TestNoExperimentIsAnExample(t *testing.T) {
	functions, files := functionsOfLabs(t)
	for _, function := range functions {
		if strings.HasPrefix(function.Name.Name, "Example") {
			t.Errorf("%s: make it a test that begins with harness.Start", files.Position(function.Pos()))
		}
	}
}
