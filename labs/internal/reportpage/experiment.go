package reportpage

import (
	"strings"

	"socketlabs/labs/internal/catalog"
	"socketlabs/labs/internal/highlight"
	"socketlabs/labs/internal/kept"
	"socketlabs/labs/internal/sentence"
)

// experiment is an experiment of the catalog, with its tests.
type experiment struct {
	catalog.Experiment
	Source []highlight.Token
	Tests  []*test // one for each run; nil if the run does not have it
}

func newExperiment(root string, e catalog.Experiment, runs []kept.Run) (experiment, error) {
	source, err := e.Source(root)
	if err != nil {
		return experiment{}, err
	}
	shown := experiment{Experiment: e, Source: highlight.Go(source)}
	for _, r := range runs {
		shown.Tests = append(shown.Tests, newTest(r, e.Name()))
	}
	if first := shown.First(); first != nil {
		first.isFirst = true
	}
	return shown, nil
}

// Result is the most important result of all kernels.
func (e experiment) Result() result {
	var all []result
	for _, t := range e.Tests {
		if t != nil {
			all = append(all, t.Result)
		}
	}
	return most(all)
}

// First is the test that shows the experiment: that of the first run which did not skip it, usually the run on
// the machine itself. It is nil if no run has the experiment.
func (e experiment) First() *test {
	var first *test
	for _, t := range e.Tests {
		if t != nil && (first == nil || first.Result == skipped && t.Result != skipped) {
			first = t
		}
	}
	return first
}

// Here is the test on the machine itself, or nil.
func (e experiment) Here() *test {
	for _, t := range e.Tests {
		if t != nil && t.IsHere() {
			return t
		}
	}
	return nil
}

// Kernels are the tests in the time machine.
func (e experiment) Kernels() (tests []*test) {
	for _, t := range e.Tests {
		if t != nil && !t.IsHere() {
			tests = append(tests, t)
		}
	}
	return tests
}

// Heading is the experiment's name as words.
func (e experiment) Heading() string { return sentence.Begin(e.Words()) }

// Made is the names of the failures that it makes happen, for the filter.
func (e experiment) Made() string { return strings.Join(e.Failures, "|") }
