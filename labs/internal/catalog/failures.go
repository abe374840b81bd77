package catalog

import (
	"go/ast"
	"slices"
)

// failuresMade says which call of the harness makes which failure happen.
var failuresMade = map[string]string{
	"link.Vanish":          "vanished peer",
	"link.VanishForGood":   "vanished peer",
	"link.VanishingClient": "vanished peer",
	"link.Return":          "outage",
	"link.Reboot":          "rebooted peer",
	"link.Forget":          "rebooted peer",
	"link.Replay":          "stray segment",
	"link.Forge":           "stray segment",
	"peer.Silent":          "silent peer",
	"peer.Drip":            "slow peer",
	"peer.Dripping":        "slow peer",
	"peer.Stalled":         "stalled reader",
	"peer.FullBacklog":     "unanswered connect",
	"peer.FillBacklog":     "unanswered connect",
	"link.Unreachable":     "ICMP error",
	"peer.Absent":          "refused connect",
	".Kill":                "killed process",
	".Stop":                "hung process",
}

// ofProcesses are those calls that other things have as well, as tickers do. They count where a process
// is started.
var ofProcesses = []string{".Kill", ".Stop"}

const startsProcess = "process.Start"

// failuresOf lists the failures that the function makes happen, itself or in what it uses of its package.
func failuresOf(function *ast.FuncDecl, declared map[string]ast.Node) []string {
	calls := make(map[string]bool)
	visited := map[string]bool{function.Name.Name: true}
	var visit func(ast.Node)
	visit = func(of ast.Node) {
		ast.Inspect(of, func(node ast.Node) bool {
			if selector, ok := node.(*ast.SelectorExpr); ok {
				calls["."+selector.Sel.Name] = true
				if from, ok := selector.X.(*ast.Ident); ok {
					calls[from.Name+"."+selector.Sel.Name] = true
				}
			}
			if name, ok := node.(*ast.Ident); ok && declared[name.Name] != nil && !visited[name.Name] {
				visited[name.Name] = true
				visit(declared[name.Name])
			}
			return true
		})
	}
	visit(function)

	made := []string{}
	for call, failure := range failuresMade {
		if calls[call] && (calls[startsProcess] || !slices.Contains(ofProcesses, call)) {
			made = append(made, failure)
		}
	}
	slices.Sort(made)
	return slices.Compact(made)
}

// declaredIn gives what a package declares, by name: functions, methods, variables and constants.
func declaredIn(files []*ast.File) map[string]ast.Node {
	declared := make(map[string]ast.Node)
	for _, file := range files {
		for _, decl := range file.Decls {
			switch decl := decl.(type) {
			case *ast.FuncDecl:
				declared[decl.Name.Name] = decl
			case *ast.GenDecl:
				for _, spec := range decl.Specs {
					if values, ok := spec.(*ast.ValueSpec); ok {
						for _, name := range values.Names {
							declared[name.Name] = values
						}
					}
				}
			}
		}
	}
	return declared
}
