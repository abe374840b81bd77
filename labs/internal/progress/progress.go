// Package progress remembers which exercises have passed, and of which text. It keeps that in the user's cache, for each
// checkout, and nothing beside the student's files: what is forgotten is graded again.
package progress

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"socketlabs/labs/internal/catalog"
	"socketlabs/labs/internal/whole"
	"socketlabs/labs/internal/worksheet"
)

// The states of an exercise.
const (
	NotBegun = "not begun"
	Begun    = "begun"
	Passed   = "passed"
	Changed  = "passed, changed since"
)

// Progress is that of the exercises in a checkout.
type Progress struct {
	root string
	all  []catalog.Exercise
}

// Of is the progress in the module at root, with all of its exercises.
func Of(root string, all []catalog.Exercise) *Progress { return &Progress{root, all} }

// Known are the states of the exercises by their full names, as their files are now.
func (p *Progress) Known() map[string]string {
	passed := p.read()
	states := make(map[string]string)
	for _, e := range p.all {
		sum, wasPassed := passed[e.FullName()]
		switch {
		case wasPassed && sum == p.Sum(e):
			states[e.FullName()] = Passed
		case wasPassed && e.Begun:
			states[e.FullName()] = Changed
		case e.Begun:
			states[e.FullName()] = Begun
		default:
			states[e.FullName()] = NotBegun
		}
	}
	return states
}

// Note remembers whether an exercise has passed with the text that had the sum.
func (p *Progress) Note(e catalog.Exercise, hasPassed bool, sum string) {
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

// Sum tells two texts of an exercise apart, and two of its graders. Another exercise in the same file may change meanwhile.
func (p *Progress) Sum(e catalog.Exercise) string {
	text, err := os.ReadFile(filepath.Join(p.root, filepath.FromSlash(e.File)))
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

// file is where the progress is kept.
func (p *Progress) file() (string, error) {
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", err
	}
	return filepath.Join(cache, "socketlabs", "progress", fmt.Sprintf("%x.json", sha256.Sum256([]byte(p.root)))), nil
}

// read is nothing if nothing can be read.
func (p *Progress) read() map[string]string {
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

// write does what it can: where there is no cache, the exercises are graded again, and nothing is lost.
func (p *Progress) write(passed map[string]string) {
	file, err := p.file()
	if err != nil || os.MkdirAll(filepath.Dir(file), 0o777) != nil {
		return
	}
	whole.Replace(file, func(w io.Writer) error { return json.NewEncoder(w).Encode(passed) })
}
