package catalog

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A reader of an experiment needs few files: what it uses is in its own file, in a file with the same number, or in
// common_test.go and similar files. These contain nothing that only one file uses.
func TestFilesOfLabsShareOnlyWhatIsCommon(t *testing.T) {
	folders, err := filepath.Glob(filepath.Join(root, "lab0*"))
	require.NoError(t, err)
	for _, folder := range folders {
		paths, err := filepath.Glob(filepath.Join(folder, "*_test.go"))
		require.NoError(t, err)
		declares, uses := make(map[string][]string), make(map[string][]string) // groups of files, by name
		for _, path := range paths {
			// Only the deprecated object resolution says which names come from other files.
			file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
			require.NoError(t, err)
			for _, name := range declaredBy(file) {
				declares[name] = append(declares[name], group(path))
				if timesIn(file, name) > 1 { // once is its declaration
					uses[name] = append(uses[name], group(path))
				}
			}
			for _, name := range file.Unresolved {
				uses[name.Name] = append(uses[name.Name], group(path))
			}
		}
		for name, in := range declares {
			by := slices.Compact(slices.Sorted(slices.Values(uses[name])))
			if in[0] == "common" {
				by = slices.DeleteFunc(by, func(g string) bool { return g == "common" })
				isForCommon := slices.Contains(uses[name], "common")
				assert.True(t, len(by) > 1 || isForCommon, "%s: common files declare %s, which only %v use", folder, name, by)
				continue
			}
			by = slices.DeleteFunc(by, func(g string) bool { return slices.Contains(in, g) })
			assert.Empty(t, by, "%s: %s is declared in %v, and used by others: it belongs in common_test.go", folder, name, in)
		}
	}
}

// group is the number of a file, or the base name that it shares with other files.
func group(path string) string {
	name, _, _ := strings.Cut(strings.TrimSuffix(filepath.Base(path), "_test.go"), "_")
	return name
}

func timesIn(file *ast.File, name string) (n int) {
	ast.Inspect(file, func(node ast.Node) bool {
		if ident, ok := node.(*ast.Ident); ok && ident.Name == name {
			n++
		}
		return true
	})
	return n
}

func declaredBy(file *ast.File) (names []string) {
	for _, decl := range file.Decls {
		switch decl := decl.(type) {
		case *ast.FuncDecl:
			if decl.Recv == nil && !strings.HasPrefix(decl.Name.Name, "Test") && !strings.HasPrefix(decl.Name.Name, "Benchmark") {
				names = append(names, decl.Name.Name)
			}
		case *ast.GenDecl:
			for _, spec := range decl.Specs {
				switch spec := spec.(type) {
				case *ast.ValueSpec:
					for _, name := range spec.Names {
						names = append(names, name.Name)
					}
				case *ast.TypeSpec:
					names = append(names, spec.Name.Name)
				}
			}
		}
	}
	return slices.DeleteFunc(names, func(name string) bool { return name == "_" })
}
