package catalog

import (
	"go/ast"
	"go/token"
	"slices"
	"strings"
)

// Need is something that experiments can't do without: a variable of the harness that is a Need{…}.
type Need struct {
	Name string
	Says string // its doc comment, without the name
}

// Needs reads from the harness's source which needs there are, in the order of files and lines.
func Needs(root string) ([]Need, error) {
	files, err := filesIn(root, "harness/*.go")
	if err != nil {
		return nil, err
	}
	var needs []Need
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parse(token.NewFileSet(), root, name)
		if err != nil {
			return nil, err
		}
		for _, decl := range file.Decls {
			if declared, ok := decl.(*ast.GenDecl); ok {
				needs = append(needs, needsDeclared(declared)...)
			}
		}
	}
	return needs, nil
}

func needsDeclared(decl *ast.GenDecl) []Need {
	var needs []Need
	for _, spec := range decl.Specs {
		variable, ok := spec.(*ast.ValueSpec)
		if !ok || len(variable.Values) != 1 || !variable.Names[0].IsExported() {
			continue
		}
		value, ok := variable.Values[0].(*ast.CompositeLit)
		if !ok {
			continue
		}
		if of, ok := value.Type.(*ast.Ident); ok && of.Name == "Need" {
			name := variable.Names[0].Name
			doc := variable.Doc
			if doc == nil {
				doc = decl.Doc
			}
			says := strings.TrimPrefix(oneLine(doc.Text()), name+": ")
			needs = append(needs, Need{Name: name, Says: says})
		}
	}
	return needs
}

// needsOf lists the names of the harness needs that the function mentions, wherever it does.
func needsOf(function *ast.FuncDecl, needs []Need) []string {
	named := []string{}
	ast.Inspect(function, func(node ast.Node) bool {
		selector, ok := node.(*ast.SelectorExpr)
		if !ok {
			return true
		}
		from, ok := selector.X.(*ast.Ident)
		isNeed := slices.ContainsFunc(needs, func(n Need) bool { return n.Name == selector.Sel.Name })
		if ok && isNeed && from.Name == "harness" {
			named = append(named, selector.Sel.Name)
		}
		return true
	})
	slices.Sort(named)
	return slices.Compact(named)
}
