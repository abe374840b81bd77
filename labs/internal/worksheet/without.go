package worksheet

import (
	"bytes"
	"go/ast"
	"go/parser"
	"go/token"
	"slices"

	"socketlabs/labs/internal/catalog"
)

// Without is the source of exercise.go without its imports, its comments between declarations, and the exercises that are
// named: what is left may change the others. What does not parse is left as it is.
func Without(text []byte, exercises []string) []byte {
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, "", text, parser.SkipObjectResolution)
	if err != nil {
		return text
	}
	var rest bytes.Buffer
	for _, decl := range file.Decls {
		if general, ok := decl.(*ast.GenDecl); ok && general.Tok == token.IMPORT {
			continue
		}
		if slices.ContainsFunc(catalog.NamesOf(decl), func(name string) bool { return slices.Contains(exercises, name) }) {
			continue
		}
		rest.Write(text[fset.Position(decl.Pos()).Offset:fset.Position(decl.End()).Offset])
		rest.WriteByte('\n')
	}
	return rest.Bytes()
}
