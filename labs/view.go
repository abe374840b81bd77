package main

import (
	"fmt"
	"strings"

	"socketlabs/harness/story"
	"socketlabs/labs/catalog"
	"socketlabs/labs/gotest"
)

// view shows a run of go test as it goes. Its methods are called in turn.
type view interface {
	event(gotest.Event) // something has happened
	tick()              // a tenth of a second has passed
}

// storyView draws the one experiment that runs.
type storyView struct {
	screen  *screen
	drawing *drawing
	results *results
}

func newStoryView(s *screen, e catalog.Experiment, r *results) *storyView {
	d := &drawing{width: s.width()}
	fmt.Fprintf(s, "%s\n%s\n\n%s\n", bold.Render(e.Name()), hang("", e.Title, d.width), d.heads())
	return &storyView{screen: s, drawing: d, results: r}
}

func (v *storyView) event(e gotest.Event) {
	o := v.results.add(e)
	if o == nil {
		return
	}
	for _, event := range o.story {
		fmt.Fprint(v.screen, v.drawing.event(o.Test, event))
	}
	o.story = nil
	if e.Action == gotest.Fail {
		fmt.Fprint(v.screen, v.drawing.failure(o.Test, o.Says))
	}
}

func (v *storyView) tick() { v.screen.show("", v.results.status()+"  ^C stops") }

// progressView prints a line for each experiment that is over, and below them what is going on.
type progressView struct {
	screen  *screen
	results *results
	chosen  int
}

func (v *progressView) event(e gotest.Event) {
	o := v.results.add(e)
	if o == nil || !e.IsResult() || strings.Contains(e.Test, "/") {
		return
	}
	width := v.screen.width()
	took := story.Tenths(o.Time())
	if o.Result == gotest.Skip {
		took = "skipped"
	}
	fmt.Fprintln(v.screen, spread(resultMarks[o.Result].String()+" "+o.Lab+"/"+o.Test, took, width))
	if o.Result != gotest.Fail {
		return
	}
	d := &drawing{width: width - 2}
	var story strings.Builder
	for _, part := range o.all() {
		if part.Result != gotest.Fail {
			continue
		}
		for _, event := range part.story {
			story.WriteString(d.event(part.Test, event))
		}
		story.WriteString(d.failure(part.Test, part.Says))
	}
	fmt.Fprintln(v.screen, hang("  ", strings.TrimSuffix(story.String(), "\n"), width))
}

func (v *progressView) tick() {
	r := v.results
	if !r.haveBegun() {
		v.screen.show("", r.status())
		return
	}
	var running []string
	for _, o := range r.experiments {
		if o.Result == unfinished {
			running = append(running, strings.TrimPrefix(o.Test, "Test"))
		}
	}
	status := fmt.Sprintf("%s  %d of %d done", r.status(), len(r.experiments)-len(running), v.chosen)
	if len(running) > 0 {
		status += fmt.Sprintf(", %d running: %s", len(running), strings.Join(running, ", "))
	}
	v.screen.show("", status)
}

// waitView says only what is waited for.
type waitView struct {
	screen  *screen
	results *results
	what    string
}

func (v *waitView) event(e gotest.Event) { v.results.add(e) }

func (v *waitView) tick() {
	status := v.results.status()
	if v.results.haveBegun() {
		status += "  " + v.what
	}
	v.screen.show("", status)
}

var resultMarks = map[string]mark{gotest.Pass: passed, gotest.Fail: failed, gotest.Skip: skipped}
