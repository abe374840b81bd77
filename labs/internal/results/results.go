// Package results collects the outcomes of tests from the events of go test.
package results

import (
	"context"
	"errors"
	"path"
	"strings"
	"time"

	"socketlabs/harness/story"
	"socketlabs/labs/internal/gotest"
	"socketlabs/labs/internal/kept"
)

// Outcome is the outcome of an experiment, or of one of its subtests.
type Outcome struct {
	kept.Outcome
	Span      *story.Span // the last time that it compared; nil if it compared none
	Artifacts string      // the folder of its artifacts; empty if it left none

	// Story is its story so far, without the events that are only for programs.
	Story []story.Event

	parts   []*Outcome
	told    int           // how many events Untold has returned
	decoder story.Decoder // decodes the story
}

// Unfinished is the result of a test that runs, or that was running when its process ended.
const Unfinished = ""

// Results are the outcomes so far, in the order in which the tests began.
type Results struct {
	Experiments []*Outcome
	Awaits      string            // what the first test waits for, if that is not the compiler
	Compiling   *gotest.Compiling // nil if nothing is compiled

	byName map[string]*Outcome // also of subtests
	asked  time.Time           // when Status was first called before a test began
	began  time.Time           // when the first test began
}

// Add adds an event of go test. If it is an event of a test, Add returns the outcome of that test.
func (r *Results) Add(e gotest.Event) *Outcome {
	switch e.Action {
	case gotest.Compile:
		r.Compiling = e.Compiling
		return nil
	case gotest.Boot:
		r.Awaits = "booting"
		return nil
	}
	if !r.HaveBegun() {
		r.began, r.byName = time.Now(), make(map[string]*Outcome)
	}
	if e.Test == "" {
		return nil
	}
	lab := path.Base(e.Package)
	o := r.byName[lab+"/"+e.Test]
	if o == nil {
		o = &Outcome{Outcome: kept.Outcome{Lab: lab, Test: e.Test, Began: e.Time}}
		r.byName[lab+"/"+e.Test] = o
		if whole := r.experiment(o); whole != nil {
			whole.parts = append(whole.parts, o)
		} else {
			r.Experiments = append(r.Experiments, o)
		}
	}
	switch {
	case e.IsResult():
		o.Result, o.Took = e.Action, max(o.Took, e.Elapsed)
		if whole := r.experiment(o); whole != nil { // go test does not count the time of parallel subtests
			whole.Took = max(whole.Took, o.Took)
		}
	case e.Action == gotest.Attr:
		o.attribute(e.Key, e.Value)
	case e.Action == gotest.Artifacts:
		o.Artifacts = e.Path
	case e.Action == gotest.Output && !gotest.IsFrame(e.Output):
		o.Says = append(o.Says, strings.TrimSuffix(e.Output, "\n"))
	}
	return o
}

// HaveBegun reports whether there was an event of a test.
func (r *Results) HaveBegun() bool { return r.byName != nil }

// CanTell reports whether there are outcomes to show: tests have passed, failed, or were interrupted.
func (r *Results) CanTell(err error) bool {
	ran := err == nil || errors.Is(err, gotest.ErrFailed) || errors.Is(err, context.Canceled)
	return ran && len(r.Experiments) > 0
}

// attribute adds an attribute that the test has set: a part of its story, or another one.
func (o *Outcome) attribute(key, value string) {
	switch event, done, err := o.decoder.Attribute(key, value); {
	case err != nil:
		o.Says = append(o.Says, err.Error())
	case done && event.Kind == story.Struck: // only for programs: people read the steps and outcomes
	case done:
		o.Story = append(o.Story, event)
		if event.Span != nil {
			o.Span = event.Span
		}
	case key != story.AttrKey && key != story.AttrKeyMore:
		if o.Attributes == nil {
			o.Attributes = make(map[string]string)
		}
		o.Attributes[key] = value
	}
}

// experiment is the experiment that the outcome is a part of, or nil.
func (r *Results) experiment(o *Outcome) *Outcome {
	test, _, isPart := strings.Cut(o.Test, "/")
	if !isPart {
		return nil
	}
	return r.byName[o.Lab+"/"+test]
}

// Count is the number of experiments with a result.
func (r *Results) Count(result string) int {
	n := 0
	for _, o := range r.Experiments {
		if o.Result == result {
			n++
		}
	}
	return n
}

// All is the outcome, and the outcomes of its subtests.
func (o *Outcome) All() []*Outcome { return append([]*Outcome{o}, o.parts...) }

// Untold are the new events of the story since the last call.
func (o *Outcome) Untold() []story.Event {
	fresh := o.Story[o.told:]
	o.told = len(o.Story)
	return fresh
}

// Of is the outcome of a test "lab/TestX"; nil if there was no event of it.
func (r *Results) Of(test string) *Outcome { return r.byName[test] }
