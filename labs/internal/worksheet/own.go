package worksheet

import (
	"bytes"
	"go/ast"
	"go/parser"
	"go/token"
)

// Own is the source of an exercise's declarations, with their comments, up to where the file parses.
func Own(text []byte, exercise string) []byte {
	fset := token.NewFileSet()
	file, _ := parser.ParseFile(fset, "", text, parser.ParseComments|parser.SkipObjectResolution)
	if file == nil {
		return nil
	}
	var all [][]byte
	for _, decl := range declsOf(file, exercise) {
		from, to := extent(fset, decl)
		all = append(all, text[from:to])
	}
	return bytes.Join(all, []byte("\n\n"))
}

// Task is the comment above an exercise, which describes the task.
func Task(text []byte, exercise string) string {
	file, _ := parser.ParseFile(token.NewFileSet(), "", text, parser.ParseComments|parser.SkipObjectResolution)
	if file == nil {
		return ""
	}
	for _, decl := range declsOf(file, exercise) {
		switch d := decl.(type) {
		case *ast.FuncDecl:
			if d.Recv == nil {
				return d.Doc.Text()
			}
		case *ast.GenDecl:
			return d.Doc.Text()
		}
	}
	return ""
}
