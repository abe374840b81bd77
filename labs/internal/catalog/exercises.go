package catalog

import (
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"path"
	"path/filepath"
	"strings"

	"socketlabs/harness/grading/task"
)

// Exercise is an exercise, which a student writes, and a grader judges.
type Exercise struct {
	Lab    string          `json:"lab"`
	Name   string          `json:"name"` // of the function or the type that the student writes
	Title  string          `json:"title"`
	Points int             `json:"points"`
	Read   []string        `json:"read"`  // experiments, by Experiment.Name
	Hints  []string        `json:"hints"` // each says more than the one before
	Task   []task.Sentence `json:"task"`  // what the student's code must do: each is checked
	Rules  []task.Sentence `json:"rules"` // what the code of every exercise of the lab must do
	Linux  bool            `json:"linux"` // it can be graded on Linux only
	Begun  bool            `json:"begun"`
	File   string          `json:"file"` // the file that the student edits, relative to the module, with slashes
	Line   int             `json:"line"` // where the exercise begins in the file; 0 if it is not in it
}

// FullName is the exercise's name among all labs: "lab01_timeout/SendAll".
func (e Exercise) FullName() string { return e.Lab + "/" + e.Name }

// Grader is the test that grades the exercise.
func (e Exercise) Grader() string { return "Test" + e.Name }

// Folder is the exercise's folder, relative to the module, with slashes.
func (e Exercise) Folder() string { return e.Lab + "/exercise" }

// notBegun is the name of what an exercise that was not begun panics with.
const notBegun = "notBegun"

// Exercises reads the exercises of the module at root from the comments of their graders. They are in the
// order of the labs, and within a lab, in the order of the file that the student edits.
func Exercises(root string) ([]Exercise, error) {
	folders, err := filesIn(root, "lab[0-9]*/exercise")
	if err != nil {
		return nil, err
	}
	var all []Exercise
	var errs []error
	for _, folder := range folders {
		inLab, err := exercisesIn(root, folder)
		all = append(all, inLab...)
		errs = append(errs, err)
	}
	return all, errors.Join(errs...)
}

func exercisesIn(root, folder string) ([]Exercise, error) {
	files, err := filesIn(root, folder+"/*_test.go")
	if err != nil {
		return nil, err
	}
	var found []Exercise
	var errs []error
	for _, name := range files {
		file, err := parse(token.NewFileSet(), root, name)
		if err != nil && isOwn(name) {
			return nil, err
		}
		if err != nil {
			continue // the student's own file, which is not finished
		}
		for _, grader := range testsIn(file) {
			e := Exercise{Lab: path.Dir(folder), Name: strings.TrimPrefix(grader.Name.Name, "Test"), Linux: isForLinux(name)}
			e.File = e.Folder() + "/exercise.go"
			err := e.readDoc(grader.Doc.Text())
			if err != nil && !isOwn(name) {
				continue // a test that the student has written
			}
			if err != nil {
				errs = append(errs, fmt.Errorf("%s: %s: %w", name, e.Grader(), err))
			}
			found = append(found, e)
		}
	}
	path := filepath.Join(root, filepath.FromSlash(folder), studentsFile)
	readTasks(path, found)
	inOrder, err := readStarts(path, found)
	return inOrder, errors.Join(append(errs, err)...)
}

func isForLinux(file string) bool { return strings.HasSuffix(file, "_linux_test.go") }

// readTasks reads the tasks from the project's starter, because the student may have changed the comments of exercise.go.
// For a lab that has no starter, it reads the file at path.
func readTasks(path string, exercises []Exercise) {
	for i, e := range exercises {
		text, err := Starter(e.Lab)
		if err != nil {
			text, _ = ReadStudentsFile(path) // if it can't be read, readStarts says so
		}
		exercises[i].Task, exercises[i].Rules = task.Of(string(text), e.Name)
	}
}

// readStarts finds out where each exercise begins in the student's file, and whether the student has begun it: then none
// of its functions panics with notBegun any more. An exercise that does not parse counts as not begun; the compiler says
// what is wrong with it. If the file can't be read, the exercises are as they were given.
func readStarts(path string, exercises []Exercise) ([]Exercise, error) {
	text, err := ReadStudentsFile(path)
	if err != nil {
		return exercises, fmt.Errorf("%w; labs reset %s puts the file back", err, filepath.Base(filepath.Dir(filepath.Dir(path))))
	}
	fset := token.NewFileSet()
	file, _ := parser.ParseFile(fset, path, text, parser.SkipObjectResolution) // as much of it as parses
	var ordered []Exercise
	seen := make(map[string]int) // where in ordered
	for _, decl := range file.Decls {
		for _, name := range NamesOf(decl) {
			for _, e := range exercises {
				if e.Name != name {
					continue
				}
				i, again := seen[name]
				if !again {
					i = len(ordered)
					seen[name] = i
					e.Line, e.Begun = fset.Position(decl.Pos()).Line, true
					ordered = append(ordered, e)
				}
				ordered[i].Begun = ordered[i].Begun && !mentions(decl, notBegun)
			}
		}
	}
	for _, e := range exercises {
		if _, found := seen[e.Name]; !found {
			ordered = append(ordered, e)
		}
	}
	return ordered, nil
}

// NamesOf are the names that a declaration declares, or the type that it is a method of: it is a part of an exercise that
// has one of these names.
func NamesOf(decl ast.Decl) (names []string) {
	switch d := decl.(type) {
	case *ast.FuncDecl:
		if d.Recv.NumFields() == 0 { // "func () F()", too, which parses and does not compile
			return []string{d.Name.Name}
		}
		of := d.Recv.List[0].Type
		if pointer, ok := of.(*ast.StarExpr); ok {
			of = pointer.X
		}
		if name, ok := of.(*ast.Ident); ok {
			return []string{name.Name}
		}
	case *ast.GenDecl:
		for _, spec := range d.Specs {
			if t, ok := spec.(*ast.TypeSpec); ok {
				names = append(names, t.Name.Name)
			}
		}
	}
	return names
}

func mentions(decl ast.Decl, name string) (found bool) {
	ast.Inspect(decl, func(node ast.Node) bool {
		if id, ok := node.(*ast.Ident); ok && id.Name == name {
			found = true
		}
		return !found
	})
	return found
}
