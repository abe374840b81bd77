package grade

import (
	"go/ast"
	"go/parser"
	"go/token"
	"slices"
)

// MayRace reports whether the student's code for an exercise can have a data race, so that the race detector is worth its time. It
// can if it starts goroutines, declares methods, which several goroutines may call for one value, or uses variables of the package.
// Other code shares nothing with another call of itself.
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
	return slices.ContainsFunc(parsed.Imports, isDot) || races(name, declared, shared)
}

// races reports whether a declaration starts goroutines or uses what is shared, or another declaration that it uses does. It does not
// call itself for those: a student's file can have so many that the stack would take half a gigabyte.
func races(name string, declared map[string]ast.Node, shared map[string]bool) (found bool) {
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

// isDot reports whether names of another package look like the file's own.
func isDot(i *ast.ImportSpec) bool { return i.Name != nil && i.Name.Name == "." }
