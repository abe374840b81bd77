package catalog

import (
	"bytes"
	"cmp"
	"fmt"
	"go/ast"
	"go/doc"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Source is the text of the test in the module at root, from its comment to its closing brace.
func (e Experiment) Source(root string) (string, error) {
	text, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(e.File)))
	if err != nil {
		return "", err
	}
	fset := token.NewFileSet()
	file, _ := parser.ParseFile(fset, e.File, text, parser.ParseComments|parser.SkipObjectResolution) // as much of it as parses
	for _, decl := range file.Decls {
		if function, ok := decl.(*ast.FuncDecl); ok && function.Name.Name == e.Test {
			begin, end := function.Pos(), min(function.End(), file.FileEnd) // a function without a closing brace ends beyond the file
			if function.Doc != nil {
				begin = function.Doc.Pos()
			}
			return string(text[fset.Position(begin).Offset:fset.Position(end).Offset]) + "\n", nil
		}
	}
	return "", fmt.Errorf("%s: %s is gone", e.File, e.Test)
}

// filesIn are the files of the module at root that match the pattern, with slashes. It leaves out the files that the go
// command ignores, because editors give such names to their temporary files.
func filesIn(root, pattern string) (files []string, err error) {
	all, err := fs.Glob(os.DirFS(root), pattern)
	for _, file := range all {
		if name := path.Base(file); !strings.HasPrefix(name, ".") && !strings.HasPrefix(name, "_") {
			files = append(files, file)
		}
	}
	return files, err
}

// parse reads a file of the module at root. If the file does not parse, the error is one line, and the result is what
// could be parsed.
func parse(fset *token.FileSet, root, file string) (*ast.File, error) {
	text, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(file)))
	if err != nil {
		return nil, err
	}
	parsed, err := parser.ParseFile(fset, file, text, parser.ParseComments)
	return parsed, cmp.Or(CheckText(file, text), err)
}

// CheckText fails if a file is not a text that Go accepts: UTF-8 without NUL. The go command's own message may then be
// only that it can't find a package.
func CheckText(file string, text []byte) error {
	for i, line := range bytes.Split(text, []byte("\n")) {
		if !utf8.Valid(line) || bytes.IndexByte(line, 0) >= 0 {
			return fmt.Errorf("%s:%d: this is not UTF-8 text; save it as UTF-8", file, i+1)
		}
	}
	return nil
}

// testsIn are the functions in a file that go test runs: tests, and examples whose output it compares.
func testsIn(file *ast.File) (tests []*ast.FuncDecl) {
	runs := make(map[string]bool)
	for _, e := range doc.Examples(file) {
		runs["Example"+e.Name] = e.Output != "" || e.EmptyOutput
	}
	for _, decl := range file.Decls {
		function, ok := decl.(*ast.FuncDecl)
		if !ok || function.Recv != nil {
			continue
		}
		if name := function.Name.Name; runs[name] || isTest(name) {
			tests = append(tests, function)
		}
	}
	return tests
}

// isTest reports whether a function of this name is a test to go test.
func isTest(name string) bool {
	rest, found := strings.CutPrefix(name, "Test")
	first, _ := utf8.DecodeRuneInString(rest)
	return found && !unicode.IsLower(first) && name != "TestMain"
}
