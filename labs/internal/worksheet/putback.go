// Package worksheet edits exercise.go, the file with all exercises of a lab, in which a student works.
package worksheet

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/format"
	"go/parser"
	"go/token"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"socketlabs/labs/internal/catalog"
)

// PutBack is the source of exercise.go with one exercise as in the lab's starter. The other exercises, and the student's other
// declarations, stay. PutBack removes imports that are no longer used, and adds those that the starter's exercise uses.
func PutBack(text, starter []byte, exercise string) ([]byte, error) {
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, "", text, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		return nil, err
	}
	original, err := parser.ParseFile(fset, "", starter, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		return nil, err
	}
	var back bytes.Buffer
	for _, decl := range declsOf(original, exercise) {
		from, to := extent(fset, decl)
		back.Write(starter[from:to])
		back.WriteString("\n\n")
	}
	var out bytes.Buffer
	last := 0
	for i, decl := range declsOf(file, exercise) {
		from, to := extent(fset, decl)
		out.Write(text[last:from])
		if i == 0 {
			out.Write(back.Bytes())
		}
		last = to
	}
	out.Write(text[last:])
	if last == 0 { // the student has deleted the whole exercise
		out.WriteString("\n")
		out.Write(back.Bytes())
	}
	return withImports(out.Bytes(), original)
}

func declsOf(file *ast.File, exercise string) (decls []ast.Decl) {
	for _, decl := range file.Decls {
		if slices.Contains(catalog.NamesOf(decl), exercise) {
			decls = append(decls, decl)
		}
	}
	return decls
}

// extent is where a declaration begins, with its comment, and where it ends.
func extent(fset *token.FileSet, decl ast.Decl) (from, to int) {
	begin := decl.Pos()
	if comment := commentOf(decl); comment != nil {
		begin = comment.Pos()
	}
	return fset.Position(begin).Offset, fset.Position(decl.End()).Offset
}

// withImports is a source with the imports that it uses. It takes them from the source itself and from the starter.
func withImports(text []byte, starter *ast.File) ([]byte, error) {
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, "", text, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		return nil, err
	}
	used := make(map[string]bool)
	ast.Inspect(file, func(node ast.Node) bool {
		if selector, ok := node.(*ast.SelectorExpr); ok {
			if of, ok := selector.X.(*ast.Ident); ok {
				used[of.Name] = true
			}
		}
		return true
	})
	var specs []string
	known := make(map[string]bool) // paths
	for _, spec := range append(slices.Clone(file.Imports), starter.Imports...) {
		name := nameOf(spec)
		if known[spec.Path.Value] || !used[name] && name != "_" && name != "." {
			continue
		}
		known[spec.Path.Value] = true
		line := spec.Path.Value
		if spec.Name != nil {
			line = spec.Name.Name + " " + line
		}
		specs = append(specs, line)
	}
	var out bytes.Buffer
	last := fset.Position(file.Name.End()).Offset
	out.Write(text[:last])
	if len(specs) > 0 {
		fmt.Fprintf(&out, "\n\nimport (\n\t%s\n)\n", strings.Join(specs, "\n\t"))
	}
	for _, decl := range file.Decls {
		if general, ok := decl.(*ast.GenDecl); ok && general.Tok == token.IMPORT {
			from, to := extent(fset, decl)
			out.Write(text[last:from])
			last = to
		}
	}
	out.Write(text[last:])
	return format.Source(out.Bytes())
}

var version = regexp.MustCompile(`^v\d+$`)

// nameOf is the name of an import in its file.
func nameOf(spec *ast.ImportSpec) string {
	if spec.Name != nil {
		return spec.Name.Name
	}
	imported, err := strconv.Unquote(spec.Path.Value)
	if err != nil {
		return ""
	}
	if base := path.Base(imported); !version.MatchString(base) {
		return base
	}
	return path.Base(path.Dir(imported))
}
