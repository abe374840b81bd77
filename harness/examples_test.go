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

// functionsOfLabs returns the functions in the labs' test files, and their positions. It leaves out tests whose
// comment has no Claim line: readers have written those.
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

// An experiment begins with Start. So it is skipped if its needs are not met, and it is ended if a call hangs. An
// Example can't be skipped, and nothing ends it if a call hangs.
func TestNoExperimentIsAnExample(t *testing.T) {
	functions, files := functionsOfLabs(t)
	for _, function := range functions {
		if strings.HasPrefix(function.Name.Name, "Example") {
			t.Errorf("%s: make it a test that begins with harness.Start", files.Position(function.Pos()))
		}
	}
}
