package catalog

import (
	"go/ast"
	"slices"
)

// needsOf lists the names of what an experiment says that it needs: what it gives to Start after its test.
func needsOf(function *ast.FuncDecl) []string {
	named := []string{}
	ast.Inspect(function, func(node ast.Node) bool {
		call, ok := node.(*ast.CallExpr)
		if !ok || !isSelector(call.Fun, "harness", "Start") || len(call.Args) == 0 {
			return true
		}
		for _, arg := range call.Args[1:] {
			ast.Inspect(arg, func(node ast.Node) bool {
				if need, ok := node.(*ast.SelectorExpr); ok && ast.IsExported(need.Sel.Name) {
					named = append(named, need.Sel.Name)
				}
				return true
			})
		}
		return true
	})
	slices.Sort(named)
	return slices.Compact(named)
}

func isSelector(of ast.Expr, from, name string) bool {
	selector, ok := of.(*ast.SelectorExpr)
	if !ok {
		return false
	}
	x, ok := selector.X.(*ast.Ident)
	return ok && x.Name == from && selector.Sel.Name == name
}
