package worksheet

import (
	"bytes"
	"go/ast"
	"go/parser"
	"go/token"
)

// Own is the source of an exercise's declarations, with their comments but without the task, up to where the file parses.
func Own(text []byte, exercise string) []byte {
	fset := token.NewFileSet()
	file, _ := parser.ParseFile(fset, "", text, parser.ParseComments|parser.SkipObjectResolution)
	if file == nil {
		return nil
	}
	var all [][]byte
	for _, decl := range declsOf(file, exercise) {
		from, to := extent(fset, decl)
		if hasTask(decl) {
			from = fset.Position(decl.Pos()).Offset
		}
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
		if hasTask(decl) {
			return commentOf(decl).Text()
		}
	}
	return ""
}

// hasTask reports whether the comment above one of an exercise's declarations is the task: it is not above a method.
func hasTask(decl ast.Decl) bool {
	f, isFunc := decl.(*ast.FuncDecl)
	return !isFunc || f.Recv == nil
}

// commentOf is the comment above a declaration, or nil.
func commentOf(decl ast.Decl) *ast.CommentGroup {
	switch d := decl.(type) {
	case *ast.FuncDecl:
		return d.Doc
	case *ast.GenDecl:
		return d.Doc
	}
	return nil
}
