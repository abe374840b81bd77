// Package live follows a test binary in the machine of a page: what it prints, as it comes, and the picture of each test.
//
//	live.go   what came of the tests so far
//	lines.go  what a test binary prints, as events of go test
package live

import (
	"strings"

	"socketlabs/harness/story"
	"socketlabs/labs/internal/picture"
	"socketlabs/labs/internal/results"
)

// Run is one run of a test binary.
type Run struct {
	Lab string

	lines   lines
	results results.Results
}

// Take takes what the binary prints next.
func (r *Run) Take(text string) {
	for _, e := range r.lines.take(text) {
		e.Package = r.Lab
		r.results.Add(e)
	}
}

// Shown is what a page shows of a test or of a part of it.
type Shown struct {
	Test    string // with its parent's: "TestX/part"
	Result  string // pass, fail or skip; empty while it runs
	Took    string
	Says    string // why it failed or was skipped
	Events  int
	Picture string            // empty if nothing has happened since it was asked last
	Told    map[string]string // attributes beside the story
}

// Shown gives all tests so far.
func (r *Run) Shown() (all []Shown) {
	for _, e := range r.results.Experiments {
		for _, o := range e.All() {
			all = append(all, shown(o))
		}
	}
	return all
}

func shown(o *results.Outcome) Shown {
	s := Shown{Test: o.Test, Result: o.Result, Took: story.Tenths(o.Time()), Says: strings.Join(o.Says, "\n"),
		Events: len(o.Story), Told: o.Attributes}
	if len(o.Untold()) > 0 {
		s.Picture = picture.Draw(o.Test, story.Record{Test: o.Test, Events: o.Story})
	}
	return s
}
