// Package live follows a test binary in the machine of a page. It takes the output as it comes, and draws a picture of each
// test.
//
//	live.go   the tests so far
//	lines.go  the output of a test binary, as events of go test
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

// Take takes the next output of the binary.
func (r *Run) Take(text string) {
	for _, e := range r.lines.take(text) {
		e.Package = r.Lab
		r.results.Add(e)
	}
}

// Shown is what a page shows of a test or of a subtest.
type Shown struct {
	Test    string // with its parent's name: "TestX/part"
	Result  string // pass, fail or skip; empty while it runs
	Took    string
	Says    string // why it failed or was skipped
	Events  int
	Picture string            // empty if it has not changed since the last call of Run.Shown
	Told    map[string]string // attributes that are not the story
}

// Shown returns all tests so far.
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
