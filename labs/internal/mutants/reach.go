package main

import (
	"go/ast"
	"maps"
	"regexp"
	"slices"
)

// reach says which declarations of a package mention a name, for each name. If a name is declared twice, reach can't
// tell the two apart, and so has more mentions than the program.
type reach map[string]map[string]bool

func (r reach) add(by declaration) {
	ast.Inspect(by.node, func(node ast.Node) bool {
		ident, ok := node.(*ast.Ident)
		if !ok {
			return true
		}
		if r[ident.Name] == nil {
			r[ident.Name] = make(map[string]bool)
		}
		for _, name := range by.names {
			r[ident.Name][name] = true
		}
		return true
	})
}

// The names of functions that go test runs.
var (
	isTest      = regexp.MustCompile(`^(Test|Example)([^a-z]|$)`)
	isBenchmark = regexp.MustCompile(`^Benchmark([^a-z]|$)`)
)

// testsOf lists the tests, examples and benchmarks that use a declaration, directly or indirectly. It is empty if
// all may use it, or if none is found.
func (r reach) testsOf(d declaration) []string {
	seen := make(map[string]bool)
	for open := slices.Clone(d.names); len(open) > 0; open = open[1:] {
		name := open[0]
		if seen[name] {
			continue
		}
		seen[name] = true
		if !runs(name) {
			open = slices.AppendSeq(open, maps.Keys(r[name]))
		}
	}
	if seen["TestMain"] || seen["init"] {
		return nil
	}
	return slices.DeleteFunc(slices.Sorted(maps.Keys(seen)), func(name string) bool { return !runs(name) })
}

// runs reports whether go test runs a function of that name.
func runs(name string) bool {
	return name != "TestMain" && (isTest.MatchString(name) || isBenchmark.MatchString(name))
}
