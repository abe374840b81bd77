package catalog

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
)

// Source is the text of the test in the module at root, from its comment to its last brace.
func (e Experiment) Source(root string) (string, error) {
	path := filepath.Join(root, filepath.FromSlash(e.File))
	text, err := os.ReadFile(path)
	if err != nil {
		return "", err
	}
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, path, text, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		return "", err
	}
	for _, decl := range file.Decls {
		if function, ok := decl.(*ast.FuncDecl); ok && function.Name.Name == e.Test {
			begin, end := fset.Position(function.Doc.Pos()), fset.Position(function.End())
			return string(text[begin.Offset:end.Offset]) + "\n", nil
		}
	}
	return "", fmt.Errorf("%s: %s is gone", e.File, e.Test)
}
