// Package catalog knows the experiments of the labs and the claims that they decide.
//
// It reads both from the source: the doc comment of each experiment, through go/ast, is the only
// place where its title, claims and verdicts are written.
package catalog

import (
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Experiment is one test or example of a lab.
type Experiment struct {
	Lab      string    `json:"lab"`  // the folder
	Test     string    `json:"test"` // the function
	Title    string    `json:"title"`
	Findings []Finding `json:"findings"` // none for what is beyond the chapter
	Verdict  Verdict   `json:"verdict"`  // of all findings together
	Needs    []string  `json:"needs"`    // names of harness needs
	Failures []string  `json:"failures"` // that it makes happen
	Long     bool      `json:"long"`     // takes minutes or hours of kernel time
	File     string    `json:"file"`     // relative to the module, with slashes
	Line     int       `json:"line"`

	Prediction
}

// Name is the experiment's name among all labs: "lab01_timeout/TestX".
func (e Experiment) Name() string { return e.Lab + "/" + e.Test }

// Claims are the ids of those that the experiment decides.
func (e Experiment) Claims() (ids []string) {
	for _, f := range e.Findings {
		ids = append(ids, f.Claims...)
	}
	return ids
}

// Elsewhere is the generated file of a lab that stands in for its experiments on other systems.
const Elsewhere = "elsewhere_test.go"

// longTimers is the harness need of experiments that wait for minutes.
const longTimers = "LongTimers"

// Load reads the experiments of the module at root, in the order of labs, files and lines. Its
// error names every experiment whose doc comment lacks something.
func Load(root string) ([]Experiment, error) {
	folders, err := filepath.Glob(filepath.Join(root, "lab[0-9]*"))
	if err != nil {
		return nil, err
	}
	var found []Experiment
	var errs []error
	for _, folder := range folders {
		inLab, err := loadLab(folder)
		found = append(found, inLab...)
		errs = append(errs, err)
	}
	return found, errors.Join(errs...)
}

// Root finds the module's folder from one inside it.
func Root(dir string) (string, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return "", err
	}
	for ; ; dir = filepath.Dir(dir) {
		mod, err := os.ReadFile(filepath.Join(dir, "go.mod"))
		if err == nil && strings.HasPrefix(string(mod), "module socketlabs\n") {
			return dir, nil
		}
		if dir == filepath.Dir(dir) {
			return "", errors.New("not inside the socketlabs module: change to its folder first")
		}
	}
}

func loadLab(folder string) ([]Experiment, error) {
	paths, err := filepath.Glob(filepath.Join(folder, "*_test.go"))
	if err != nil {
		return nil, err
	}
	fset := token.NewFileSet()
	var files []*ast.File
	for _, path := range paths {
		if filepath.Base(path) == Elsewhere {
			continue
		}
		file, err := parser.ParseFile(fset, path, nil, parser.ParseComments)
		if err != nil {
			return nil, err
		}
		files = append(files, file)
	}

	lab := filepath.Base(folder)
	declared := declaredIn(files)
	var found []Experiment
	var errs []error
	for _, file := range files {
		for _, decl := range file.Decls {
			function, ok := decl.(*ast.FuncDecl)
			if !ok || !isExperiment(function) {
				continue
			}
			at := fset.Position(function.Pos())
			e := Experiment{
				Lab:      lab,
				Test:     function.Name.Name,
				Needs:    needsOf(function),
				Failures: failuresOf(function, declared),
				File:     lab + "/" + filepath.Base(at.Filename),
				Line:     at.Line,
			}
			e.Long = slices.Contains(e.Needs, longTimers)
			if err := e.readDoc(function.Doc.Text()); err != nil {
				errs = append(errs, fmt.Errorf("%s:%d: %s: %w", e.File, e.Line, e.Test, err))
			}
			found = append(found, e)
		}
	}
	return found, errors.Join(errs...)
}

func isExperiment(function *ast.FuncDecl) bool {
	name := function.Name.Name
	return function.Recv == nil && name != "TestMain" &&
		(strings.HasPrefix(name, "Test") || strings.HasPrefix(name, "Example"))
}

// readDoc takes title, findings and question from a doc comment of the form that the README describes.
func (e *Experiment) readDoc(doc string) (err error) {
	doc, question, isAsked := strings.Cut(doc, "\n\n"+asks)
	e.Answers = []string{}
	if isAsked {
		if e.Prediction, err = readPrediction(question); err != nil {
			return err
		}
	}
	title, rest, _ := strings.Cut(doc, "\n\n")
	title, found := strings.CutPrefix(oneLine(title), e.Test+": ")
	if !found {
		return fmt.Errorf("its comment should begin with %q and what it shows in one sentence", e.Test+": ")
	}
	e.Title = title
	if e.Findings, err = readFindings(rest); err != nil {
		return err
	}
	if len(e.Findings) == 0 {
		e.Verdict = Beyond
	}
	for _, f := range e.Findings {
		e.Verdict = e.Verdict.and(f.Verdict)
	}
	return nil
}

func oneLine(text string) string { return strings.Join(strings.Fields(text), " ") }
