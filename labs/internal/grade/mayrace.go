package grade

import (
	"go/ast"
	"go/parser"
	"go/token"
	"slices"
	"strings"
)

// MayRace reports whether the student's code for an exercise can have a data race, so that the race detector is worth its time. It
// can if it starts goroutines, declares methods, which several goroutines may call for one value, uses variables of the package, or sets
// those of another package. Other code shares nothing with another call of itself.
func MayRace(file, name string) bool {
	parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.SkipObjectResolution)
	if err != nil {
		return true
	}
	declared := make(map[string]ast.Node)
	shared := make(map[string]bool) // variables, and types with methods
	for _, d := range parsed.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			if d.Recv == nil {
				declared[d.Name.Name] = d
				continue
			}
			ast.Inspect(d.Recv, func(n ast.Node) bool {
				if id, ok := n.(*ast.Ident); ok {
					shared[id.Name] = true
				}
				return true
			})
		case *ast.GenDecl:
			for _, spec := range d.Specs {
				switch spec := spec.(type) {
				case *ast.TypeSpec:
					declared[spec.Name.Name] = spec
				case *ast.ValueSpec:
					for _, id := range spec.Names {
						declared[id.Name] = spec
						shared[id.Name] = shared[id.Name] || d.Tok == token.VAR
					}
				}
			}
		}
	}
	packages := make(map[string]bool) // by the names that the file may have for them
	for _, i := range parsed.Imports {
		if i.Name != nil {
			packages[i.Name.Name] = true
			continue
		}
		for part := range strings.SplitSeq(strings.Trim(i.Path.Value, `"`), "/") { // math/rand/v2 is rand
			packages[part] = true
		}
	}
	return slices.ContainsFunc(parsed.Imports, isDot) || races(name, declared, shared, packages)
}

// races reports whether a declaration starts goroutines, uses what is shared, or sets a variable of one of packages, or another
// declaration that it uses does. It does not call itself for those: a student's file can have so many that the stack would take half a
// gigabyte.
func races(name string, declared map[string]ast.Node, shared, packages map[string]bool) (found bool) {
	seen, next := map[string]bool{name: true}, []string{name}
	for len(next) > 0 && !found {
		name, next = next[0], next[1:]
		if declared[name] == nil {
			continue
		}
		found = shared[name]
		ast.Inspect(declared[name], func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.GoStmt:
				found = true
			case *ast.SelectorExpr: // time.AfterFunc, context.AfterFunc, sync.WaitGroup.Go
				found = found || n.Sel.Name == "AfterFunc" || n.Sel.Name == "Go"
			case *ast.AssignStmt:
				found = found || slices.ContainsFunc(n.Lhs, func(set ast.Expr) bool { return packages[base(set)] })
			case *ast.IncDecStmt:
				found = found || packages[base(n.X)]
			case *ast.Ident:
				if !seen[n.Name] {
					seen[n.Name] = true
					next = append(next, n.Name)
				}
			}
			return !found
		})
	}
	return found
}

// base returns the name of the package in net.DefaultResolver.PreferGo. It is empty for a single name.
func base(set ast.Expr) (name string) {
	for selects := false; ; {
		switch e := set.(type) {
		case *ast.SelectorExpr:
			set, selects = e.X, true
		case *ast.IndexExpr:
			set = e.X
		case *ast.StarExpr:
			set = e.X
		case *ast.ParenExpr:
			set = e.X
		case *ast.TypeAssertExpr:
			set = e.X
		case *ast.Ident:
			if selects {
				name = e.Name
			}
			return name
		default:
			return name
		}
	}
}

// isDot reports whether names of another package look like the file's own.
func isDot(i *ast.ImportSpec) bool { return i.Name != nil && i.Name.Name == "." }
