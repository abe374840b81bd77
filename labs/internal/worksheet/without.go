package worksheet

import (
	"bytes"
	"go/ast"
	"go/parser"
	"go/token"
	"slices"

	"socketlabs/labs/internal/catalog"
)

// Without is the source of exercise.go without these exercises, the imports, and the comments between declarations. What is
// left can affect the other exercises. A source that does not parse is unchanged.
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
