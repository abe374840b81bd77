package main

import (
	"context"
	"errors"
	"path"
	"regexp"
	"strings"
	"time"

	"socketlabs/harness/story"
	"socketlabs/labs/gotest"
	"socketlabs/labs/kept"
)

// outcome is what becomes of an experiment, or of a part of it that is a test of its own.
type outcome struct {
	kept.Outcome
	story     []story.Event // not shown yet
	span      *story.Span   // the last time that was compared
	decoder   story.Decoder // of the story
	artifacts string        // their folder
	parts     []*outcome
}

// unfinished is the result of a test that runs, or that was running when its process ended.
const unfinished = ""

// results are the outcomes so far, in the order in which the tests began.
type results struct {
	awaits      string            // what has to be done before the first test begins, if not to compile it
	compiling   *gotest.Compiling // nil if nothing is compiled
	asked       time.Time         // when it was first asked how long that takes
	began       time.Time         // the first test
	experiments []*outcome
	byName      map[string]*outcome
}

// frame begins the lines by which go test says what it does itself.
var frame = regexp.MustCompile(`^(===|---) `)

// add takes an event of go test. It returns the outcome that it adds to, if it is one of a test.
func (r *results) add(e gotest.Event) *outcome {
	if e.Action == gotest.Compile {
		r.compiling = e.Compiling
		return nil
	}
	if !r.haveBegun() {
		r.began, r.byName = time.Now(), make(map[string]*outcome)
	}
	if e.Test == "" {
		return nil
	}
	lab := path.Base(e.Package)
	o := r.byName[lab+"/"+e.Test]
	if o == nil {
		o = &outcome{Outcome: kept.Outcome{Lab: lab, Test: e.Test, Began: e.Time}}
		r.byName[lab+"/"+e.Test] = o
		if whole := r.experiment(o); whole != nil {
			whole.parts = append(whole.parts, o)
		} else {
			r.experiments = append(r.experiments, o)
		}
	}
	switch {
	case e.IsResult():
		o.Result, o.Took = e.Action, max(o.Took, e.Elapsed)
		if whole := r.experiment(o); whole != nil { // go test does not count the time of parallel parts
			whole.Took = max(whole.Took, o.Took)
		}
	case e.Action == gotest.Attr:
		o.attribute(e.Key, e.Value)
	case e.Action == gotest.Artifacts:
		o.artifacts = e.Path
	case e.Action == gotest.Output && !frame.MatchString(e.Output):
		o.Says = append(o.Says, strings.TrimSuffix(e.Output, "\n"))
	}
	return o
}

// haveBegun reports whether anything was heard of a test.
func (r *results) haveBegun() bool { return r.byName != nil }

// canTell reports whether there is something to tell of tests that have passed, or failed, or were interrupted.
func (r *results) canTell(err error) bool {
	ran := err == nil || errors.Is(err, gotest.ErrFailed) || errors.Is(err, context.Canceled)
	return ran && len(r.experiments) > 0
}

// attribute takes what a test says of itself: a part of its story, or something else.
func (o *outcome) attribute(key, value string) {
	switch event, done, err := o.decoder.Attribute(key, value); {
	case err != nil:
		o.Says = append(o.Says, err.Error())
	case done && event.Text != "":
		o.story = append(o.story, event)
		if event.Span != nil {
			o.span = event.Span
		}
	case key != story.AttrKey && key != story.AttrKeyMore:
		if o.Attributes == nil {
			o.Attributes = make(map[string]string)
		}
		o.Attributes[key] = value
	}
}

// experiment is the one that the outcome is a part of, or nil.
func (r *results) experiment(o *outcome) *outcome {
	test, _, isPart := strings.Cut(o.Test, "/")
	if !isPart {
		return nil
	}
	return r.byName[o.Lab+"/"+test]
}

// count is the number of experiments with a result.
func (r *results) count(result string) int {
	n := 0
	for _, o := range r.experiments {
		if o.Result == result {
			n++
		}
	}
	return n
}

// all is the outcome and its parts.
func (o *outcome) all() []*outcome { return append([]*outcome{o}, o.parts...) }
