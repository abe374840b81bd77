package catalog

import (
	"cmp"
	"fmt"
	"go/ast"
	"go/build"
	"go/format"
	"go/token"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// SourceWithUsed is the text of the test, and below it what it uses of its lab, directly or indirectly: constants,
// variables, types with their methods, and functions. Those of its own file come first.
func (e Experiment) SourceWithUsed(root string) (string, error) {
	source, err := e.Source(root)
	if err != nil {
		return "", err
	}
	names, err := filesIn(root, e.Lab+"/*_test.go")
	if err != nil {
		return "", err
	}
	p := &pkg{
		fset:       token.NewFileSet(),
		named:      make(map[string]*declared),
		methods:    make(map[string][]*declared),
		of:         make(map[any]*declared),
		unresolved: make(map[*ast.Ident]bool),
	}
	for _, name := range names {
		isHere, _ := build.Default.MatchFile(filepath.Join(root, e.Lab), path.Base(name))
		if file, _ := parse(p.fset, root, name); file != nil { // as much of it as parses
			p.add(name, file, isHere)
		}
	}
	test := p.inFile(e.File, e.Test)
	if test == nil {
		return source, nil
	}
	used := p.usedBy(test)
	others := func(file string) string { return strings.TrimPrefix(file, e.File) }
	slices.SortFunc(used, func(a, b *declared) int {
		return cmp.Or(cmp.Compare(others(a.file), others(b.file)), cmp.Compare(a.node.Pos(), b.node.Pos()))
	})
	for len(used) > 0 {
		n := 1 // the used parts of a group are printed together
		for n < len(used) && used[n].decl == used[0].decl {
			n++
		}
		text, err := p.text(root, used[:n])
		if err != nil {
			return "", err
		}
		source += text
		used = used[n:]
	}
	return source, nil
}

// pkg is what a lab's tests declare.
type pkg struct {
	fset       *token.FileSet
	named      map[string]*declared   // by their names, except methods
	methods    map[string][]*declared // by their types
	of         map[any]*declared      // by the node that the parser resolves names of the same file to
	unresolved map[*ast.Ident]bool    // names that are declared in other files, or predeclared
}

// declared is a function, or one spec of a declaration.
type declared struct {
	file string
	decl ast.Decl
	node ast.Node
}

// add adds what a file declares. If several files declare a name, the file for this system counts.
func (p *pkg) add(name string, file *ast.File, isHere bool) {
	for _, ident := range file.Unresolved {
		p.unresolved[ident] = true
	}
	note := func(d *declared, idents ...*ast.Ident) {
		p.of[d.node] = d
		for _, ident := range idents {
			if isHere || p.named[ident.Name] == nil {
				p.named[ident.Name] = d
			}
		}
	}
	for _, decl := range file.Decls {
		switch decl := decl.(type) {
		case *ast.FuncDecl:
			d := &declared{name, decl, decl}
			if decl.Recv == nil {
				note(d, decl.Name)
			} else if of := receiver(decl); of != "" {
				p.methods[of] = append(p.methods[of], d)
			}
		case *ast.GenDecl:
			for _, spec := range decl.Specs {
				switch spec := spec.(type) {
				case *ast.ValueSpec:
					note(&declared{name, decl, spec}, spec.Names...)
				case *ast.TypeSpec:
					note(&declared{name, decl, spec}, spec.Name)
				}
			}
		}
	}
}

// receiver is the name of a method's type; empty if the student has not written it yet.
func receiver(method *ast.FuncDecl) (name string) {
	for _, of := range method.Recv.List {
		ast.Inspect(of.Type, func(node ast.Node) bool {
			if ident, ok := node.(*ast.Ident); ok && name == "" {
				name = ident.Name
			}
			return name == ""
		})
	}
	return name
}

// inFile is the function of that name in a file.
func (p *pkg) inFile(file, name string) *declared {
	for _, d := range p.of {
		if function, ok := d.node.(*ast.FuncDecl); ok && d.file == file && function.Name.Name == name {
			return d
		}
	}
	return nil
}

// usedBy lists what a function uses, and what that uses.
func (p *pkg) usedBy(function *declared) (used []*declared) {
	seen := map[*declared]bool{function: true}
	var visit func(*declared)
	use := func(d *declared) {
		if d != nil && !seen[d] {
			seen[d] = true
			used = append(used, d)
			visit(d)
		}
	}
	visit = func(d *declared) {
		ast.Inspect(d.node, func(node ast.Node) bool {
			ident, ok := node.(*ast.Ident)
			switch {
			case !ok:
			case p.unresolved[ident]:
				use(p.named[ident.Name])
			case ident.Obj != nil:
				use(p.of[ident.Obj.Decl])
			}
			return true
		})
		if spec, ok := d.node.(*ast.TypeSpec); ok {
			for _, method := range p.methods[spec.Name.Name] {
				use(method)
			}
		}
	}
	visit(function)
	return used
}

// text is the text of a declaration, below a comment with its file and line. It leaves out the parts of a group that are
// not used, unless the group's constants depend on each other.
func (p *pkg) text(root string, used []*declared) (string, error) {
	first := used[0]
	text, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(first.file)))
	if err != nil {
		return "", err
	}
	file := p.fset.File(first.node.Pos())
	slice := func(begin, end token.Pos) string {
		return string(text[file.Offset(begin):min(int(end)-file.Base(), len(text))]) // without its closing brace, it ends beyond the file
	}
	begin, end := extent(first.decl)
	source := slice(begin, end)
	if group, ok := first.decl.(*ast.GenDecl); ok && len(used) < len(group.Specs) && !counts(group) {
		source = slice(begin, group.Lparen) + "(\n"
		for _, d := range used {
			begin, end := extent(d.node)
			source += slice(begin, end) + "\n"
		}
		source += ")"
	}
	if formatted, err := format.Source([]byte(source)); err == nil {
		source = string(formatted)
	}
	line := file.Line(first.node.Pos())
	return fmt.Sprintf("\n// %s:%d\n\n%s\n", first.file, line, strings.TrimSpace(source)), nil
}

// extent is where a declaration, or one of its specs, begins and ends, with its comments.
func extent(of ast.Node) (begin, end token.Pos) {
	var before, behind *ast.CommentGroup
	switch of := of.(type) {
	case *ast.FuncDecl:
		before = of.Doc
	case *ast.GenDecl:
		before = of.Doc
		if spec, ok := of.Specs[0].(*ast.ValueSpec); ok && !of.Lparen.IsValid() {
			behind = spec.Comment
		}
	case *ast.ValueSpec:
		before, behind = of.Doc, of.Comment
	case *ast.TypeSpec:
		before, behind = of.Doc, of.Comment
	}
	begin, end = of.Pos(), of.End()
	if before != nil {
		begin = before.Pos()
	}
	if behind != nil {
		end = behind.End()
	}
	return begin, end
}

// counts reports whether a constant of the group repeats the expression of the one before it, as with iota.
func counts(group *ast.GenDecl) bool {
	return group.Tok == token.CONST && slices.ContainsFunc(group.Specs, func(spec ast.Spec) bool {
		values, ok := spec.(*ast.ValueSpec)
		return ok && len(values.Values) == 0
	})
}
