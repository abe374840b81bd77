package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// mutant is a source that leaves one option out.
type mutant struct {
	id    int    // unique among all mutants, from 1
	key   string // file: function: call
	pkg   *pkg
	tests []string // the tests that can notice; none means all of the package
}

// pkg is a package with its tests.
type pkg struct {
	Dir, ImportPath                    string
	Name                               string
	GoFiles, TestGoFiles, XTestGoFiles []string

	reach reach
	edits []edit
}

// edit is a text to insert into a file.
type edit struct {
	path   string
	offset int
	text   string
}

// list asks the go command for the packages that patterns name.
func list(ctx context.Context, dir string, patterns []string) ([]*pkg, error) {
	var stderr strings.Builder
	cmd := exec.CommandContext(ctx, "go", append([]string{"list", "-json=Dir,ImportPath,Name,GoFiles,TestGoFiles,XTestGoFiles"}, patterns...)...)
	cmd.Dir, cmd.Stderr = dir, &stderr
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("go list: %w: %s", err, strings.TrimSpace(stderr.String()))
	}
	var packages []*pkg
	for decoder := json.NewDecoder(strings.NewReader(string(out))); ; {
		p := new(pkg)
		if err := decoder.Decode(p); errors.Is(err, io.EOF) {
			return packages, nil
		} else if err != nil {
			return nil, fmt.Errorf("go list: %w", err)
		}
		packages = append(packages, p)
	}
}

// files are the names of the files that are compiled on this system.
func (p *pkg) files() []string { return slices.Concat(p.GoFiles, p.TestGoFiles, p.XTestGoFiles) }

// folder is the package's folder, relative to dir, with slashes.
func (p *pkg) folder(dir string) string {
	relative, err := filepath.Rel(dir, p.Dir)
	if err != nil {
		return p.ImportPath // on another drive
	}
	return filepath.ToSlash(relative)
}

// mutants reads the sources of the package and finds its mutants. The first one's id is next. Files in their keys
// are relative to dir.
func (p *pkg) mutants(dir string, next int) ([]mutant, error) {
	fset := token.NewFileSet()
	p.reach = make(reach)
	var found []mutant
	var owners []declaration
	for _, name := range p.files() {
		source := filepath.Join(p.Dir, name)
		file, err := parser.ParseFile(fset, source, nil, parser.SkipObjectResolution)
		if err != nil {
			return nil, err
		}
		for _, declared := range declarations(file) {
			p.reach.add(declared)
			seen := make(map[string]int)
			for _, option := range optionsOf(declared.node) {
				seen[option.text]++
				if n := seen[option.text]; n > 1 {
					option.text += fmt.Sprintf(" #%d", n)
				}
				m := mutant{id: next, pkg: p, key: path.Join(p.folder(dir), name) + ": " + declared.names[0] + ": " + option.text}
				p.edits = append(p.edits,
					edit{source, fset.Position(option.expression.Pos()).Offset, fmt.Sprintf("%s(%d, ", option.helper, m.id)},
					edit{source, fset.Position(option.expression.End()).Offset, ")"})
				found, owners = append(found, m), append(owners, declared)
				next++
			}
		}
	}
	for i := range found {
		found[i].tests = p.reach.testsOf(owners[i])
	}
	return found, nil
}

// declaration is a function, or one spec of a var, const or type declaration.
type declaration struct {
	names []string
	node  ast.Node
}

func declarations(file *ast.File) []declaration {
	var found []declaration
	for _, decl := range file.Decls {
		switch d := decl.(type) {
		case *ast.FuncDecl:
			found = append(found, declaration{[]string{d.Name.Name}, d})
		case *ast.GenDecl:
			for _, spec := range d.Specs {
				switch s := spec.(type) {
				case *ast.TypeSpec:
					found = append(found, declaration{[]string{s.Name.Name}, s})
				case *ast.ValueSpec:
					var names []string
					for _, name := range s.Names {
						names = append(names, name.Name)
					}
					found = append(found, declaration{names, s})
				}
			}
		}
	}
	return found
}

// rewritten is the text of a file with its edits.
func rewritten(path string, edits []edit) ([]byte, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	edits = slices.DeleteFunc(slices.Clone(edits), func(e edit) bool { return e.path != path })
	slices.SortStableFunc(edits, func(a, b edit) int { return cmp.Compare(a.offset, b.offset) })
	var out []byte
	at := 0
	for _, e := range edits {
		out = append(append(out, text[at:e.offset]...), e.text...)
		at = e.offset
	}
	return append(out, text[at:]...), nil
}
