// Package catalog lists the experiments of the labs, and the claims that they decide.
//
// It reads both from the source: the doc comment of each experiment, through go/ast, is the only
// place where its title, claims and verdicts are written. What an experiment needs, which failures it
// makes happen and how long it takes was recorded when it ran. A test without such a comment is the
// reader's own: it is listed and run like the others, and decides nothing.
package catalog

import (
	"errors"
	"fmt"
	"go/ast"
	"go/scanner"
	"go/token"
	"os"
	"path"
	"path/filepath"
	"strings"
)

// Experiment is one test or example of a lab.
type Experiment struct {
	Lab      string    `json:"lab"`  // the folder
	Test     string    `json:"test"` // the function
	Title    string    `json:"title"`
	Origin   string    `json:"origin"`   // source of what it does not show itself: a man page, the kernel's source, another experiment
	Findings []Finding `json:"findings"` // none if it is beyond the chapter
	Verdict  Verdict   `json:"verdict"`  // of all findings together
	Needs    []string  `json:"needs"`    // names of harness needs
	Failures []string  `json:"failures"` // the failures that it makes happen
	Seconds  *float64  `json:"-"`        // how long it takes; nil if that is not known
	Long     bool      `json:"long"`     // takes minutes or hours of kernel time
	File     string    `json:"file"`     // relative to the module, with slashes
	Line     int       `json:"line"`

	Prediction
}

// Name is the experiment's name among all labs: "lab01_timeout/TestX".
func (e Experiment) Name() string { return e.Lab + "/" + e.Test }

// Page is where labs/docs shows the experiment, relative to that folder: lab01/05_read.md#testreaddeadlinefreesreader.
func (e Experiment) Page() string {
	lab, _, _ := strings.Cut(e.Lab, "_")
	return lab + "/" + strings.TrimSuffix(path.Base(e.File), "_test.go") + ".md#" + strings.ToLower(e.Test)
}

// Claims are the ids of the claims that the experiment decides.
func (e Experiment) Claims() (ids []string) {
	for _, f := range e.Findings {
		ids = append(ids, f.Claims...)
	}
	return ids
}

// Elsewhere is a lab's generated file: on systems other than Linux, its test skips the experiments that only Linux can run.
const Elsewhere = "elsewhere_test.go"

// longTimers is the harness need of experiments that wait for minutes.
const longTimers = "LongTimers"

// Load reads the experiments of the module at root, in the order of labs, files and lines. Its error has a
// line for each file that does not parse and for each doc comment that breaks our rules. Load returns what it
// could read even then.
func Load(root string) ([]Experiment, error) {
	labs, err := filesIn(root, "lab[0-9]*")
	if err != nil {
		return nil, err
	}
	record, err := readRecord(root)
	var found []Experiment
	errs := []error{err}
	for _, lab := range labs {
		inLab, err := loadLab(root, lab)
		found = append(found, inLab...)
		errs = append(errs, err)
	}
	for i, e := range found {
		found[i].add(record[e.Name()])
	}
	return found, errors.Join(errs...)
}

// Root finds the module's folder, from a folder inside it.
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

func loadLab(root, lab string) ([]Experiment, error) {
	names, err := filesIn(root, lab+"/*_test.go")
	if err != nil {
		return nil, err
	}
	var files []*ast.File
	var errs []error
	fset := token.NewFileSet()
	for _, name := range names {
		if path.Base(name) == Elsewhere || isNative(name) {
			continue
		}
		file, err := parse(fset, root, name)
		if all := (scanner.ErrorList{}); errors.As(err, &all) {
			err = all[0] // the others usually follow from it
		}
		if err != nil {
			errs = append(errs, fmt.Errorf("%w; until that is fixed, nothing in %s can run", err, lab))
		}
		if file != nil {
			files = append(files, file)
		}
	}

	var found []Experiment
	for _, file := range files {
		for _, function := range testsIn(file) {
			at := fset.Position(function.Pos())
			e := Experiment{
				Lab:  lab,
				Test: function.Name.Name,
				File: at.Filename,
				Line: at.Line,
			}
			if err := e.readDoc(function.Doc.Text()); err != nil {
				errs = append(errs, fmt.Errorf("%s:%d: %s: %w", e.File, e.Line, e.Test, err))
			}
			found = append(found, e)
		}
	}
	return found, errors.Join(errs...)
}
