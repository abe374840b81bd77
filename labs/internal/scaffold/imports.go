package scaffold

import (
	"go/ast"
	"go/parser"
	"go/token"
	"slices"
	"strconv"
	"strings"
)

// withImports adds imports to a source. They are in the labs' order: the standard library, other modules, this module.
func withImports(source string, paths []string) (string, error) {
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, "", source, parser.ImportsOnly)
	if err != nil {
		return "", err
	}
	begin := fset.Position(file.Name.End()).Offset
	end := begin
	var groups [3][]string
	for _, spec := range file.Imports {
		p, _ := strconv.Unquote(spec.Path.Value) // it is a string literal, because the source has parsed
		text := source[fset.Position(spec.Pos()).Offset:fset.Position(spec.End()).Offset]
		groups[groupOf(p)] = append(groups[groupOf(p)], text)
		paths = slices.DeleteFunc(slices.Clone(paths), func(other string) bool { return other == p })
	}
	for _, p := range paths {
		groups[groupOf(p)] = append(groups[groupOf(p)], strconv.Quote(p))
	}
	for _, decl := range file.Decls {
		if imports, ok := decl.(*ast.GenDecl); ok && imports.Tok == token.IMPORT {
			end = fset.Position(imports.End()).Offset
		}
	}
	var lines []string
	for _, group := range groups {
		lines = append(lines, strings.Join(group, "\n"))
	}
	return source[:begin] + "\n\nimport (\n" + strings.Join(lines, "\n\n") + "\n)\n" + source[end:], nil
}

func groupOf(path string) int {
	first, _, _ := strings.Cut(path, "/")
	switch {
	case first == "socketlabs":
		return 2
	case strings.Contains(first, "."):
		return 1
	default:
		return 0
	}
}
