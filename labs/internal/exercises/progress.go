package exercises

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"

	"socketlabs/harness/grading/report"
	"socketlabs/labs/internal/catalog"
	"socketlabs/labs/internal/grade"
	"socketlabs/labs/internal/wholefile"
	"socketlabs/labs/internal/worksheet"
)

// The states of an exercise.
const (
	stateNotBegun = "not begun"
	stateBegun    = "begun"
	statePassed   = "passed"
	stateChanged  = "passed, changed since"
)

// progress knows which exercises of a checkout have passed.
type progress struct {
	root      string
	all       []catalog.Exercise
	unwritten map[string]string // what has passed, if it can't be written to the cache
}

// progressOf is the progress in the module at root, with all of its exercises.
func progressOf(root string, all []catalog.Exercise) *progress {
	return &progress{root: root, all: all}
}

// states are the current states of the exercises, by their full names.
func (p *progress) states() map[string]string {
	passed := p.read()
	states := make(map[string]string)
	for _, e := range p.all {
		sum, wasPassed := passed[e.FullName()]
		switch {
		case wasPassed && sum == p.sum(e):
			states[e.FullName()] = statePassed
		case wasPassed && e.Begun:
			states[e.FullName()] = stateChanged
		case e.Begun:
			states[e.FullName()] = stateBegun
		default:
			states[e.FullName()] = stateNotBegun
		}
	}
	return states
}

// note remembers whether an exercise has passed with the text that has this sum.
func (p *progress) note(e catalog.Exercise, hasPassed bool, sum string) {
	passed := p.read()
	switch {
	case hasPassed:
		passed[e.FullName()] = sum
	case passed[e.FullName()] == sum:
		delete(passed, e.FullName())
	default:
		return
	}
	p.write(passed)
}

// sum is a checksum of an exercise's text and of its graders. It does not change if another exercise in the file changes.
func (p *progress) sum(e catalog.Exercise) string {
	text, err := catalog.ReadStudentsFile(filepath.Join(p.root, filepath.FromSlash(e.File)))
	if err != nil {
		return ""
	}
	var others []string
	for _, other := range p.all {
		if other.Lab == e.Lab && other.Name != e.Name {
			others = append(others, other.Name)
		}
	}
	sum := sha256.New()
	io.WriteString(sum, catalog.GradersOf(e))
	sum.Write(worksheet.Without(text, others))
	return fmt.Sprintf("%x", sum.Sum(nil))
}

// file is the path of the file that keeps the progress.
func (p *progress) file() (string, error) {
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", err
	}
	return filepath.Join(cache, "socketlabs", "progress", fmt.Sprintf("%x.json", sha256.Sum256([]byte(p.root)))), nil
}

// read returns the sums of the texts that have passed, by full name. It is empty if the file can't be read.
func (p *progress) read() map[string]string {
	if p.unwritten != nil {
		return maps.Clone(p.unwritten)
	}
	passed := make(map[string]string)
	file, err := p.file()
	if err != nil {
		return passed
	}
	if text, err := os.ReadFile(file); err != nil || json.Unmarshal(text, &passed) != nil || passed == nil {
		return make(map[string]string)
	}
	return passed
}

// write writes to the cache, or if that fails, remembers: without a cache, exercises only have to be graded again by the next
// command.
func (p *progress) write(passed map[string]string) {
	file, err := p.file()
	if err == nil {
		err = os.MkdirAll(filepath.Dir(file), 0o777)
	}
	if err == nil {
		_, err = wholefile.Replace(file, func(w io.Writer) error { return json.NewEncoder(w).Encode(passed) })
	}
	p.unwritten = nil
	if err != nil {
		p.unwritten = passed
	}
}

// noting returns a function that calls each with a result, and then remembers the result, unless the exercise has changed
// since the grading began.
func noting(known *progress, graded []catalog.Exercise, each func(grade.Result)) func(grade.Result) {
	sums := make(map[string]string)
	for _, e := range graded {
		sums[e.FullName()] = known.sum(e)
	}
	return func(r grade.Result) {
		each(r)
		sum := sums[r.FullName()]
		if r.Result != report.Passed && r.Result != report.Failed || known.sum(r.Exercise) != sum {
			return
		}
		known.note(r.Exercise, r.Result == report.Passed, sum)
	}
}
