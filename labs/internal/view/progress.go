package view

import (
	"fmt"
	"strings"

	"socketlabs/harness/story"
	"socketlabs/labs/internal/gotest"
	"socketlabs/labs/internal/results"
	"socketlabs/labs/internal/term"
	"socketlabs/labs/internal/textpicture"
)

// progressView prints a line for each experiment that has ended, and below these lines the progress.
type progressView struct {
	screen  *term.Screen
	results *results.Results
	chosen  int
}

// NewProgress prints a line for each experiment that has ended, and the progress. Chosen is how many experiments will run.
func NewProgress(s *term.Screen, r *results.Results, chosen int) View {
	return &progressView{screen: s, results: r, chosen: chosen}
}

func (v *progressView) Event(e gotest.Event) {
	o := v.results.Add(e)
	if o == nil || !e.IsResult() || strings.Contains(e.Test, "/") {
		return
	}
	width := v.screen.Width()
	took := story.Tenths(o.Time())
	if o.Result == gotest.Skip {
		took = "skipped"
	}
	fmt.Fprintln(v.screen, term.Spread(marks[o.Result].String()+" "+o.Lab+"/"+o.Test, took, width))
	if o.Result != gotest.Fail {
		return
	}
	d := &textpicture.Drawing{Width: width - 2}
	var story strings.Builder
	for _, part := range o.All() {
		if part.Result != gotest.Fail {
			continue
		}
		for _, event := range part.Untold() {
			story.WriteString(d.Event(part.Test, event))
		}
		story.WriteString(d.Failure(part.Test, part.Says))
	}
	fmt.Fprintln(v.screen, term.Hang("  ", strings.TrimSuffix(story.String(), "\n"), width))
}

func (v *progressView) Tick() {
	r := v.results
	if !r.HaveBegun() {
		v.screen.Show("", r.Status())
		return
	}
	var running []string
	for _, o := range r.Experiments {
		if o.Result == results.Unfinished {
			running = append(running, strings.TrimPrefix(o.Test, "Test"))
		}
	}
	status := fmt.Sprintf("%s  %d of %d done", r.Status(), len(r.Experiments)-len(running), v.chosen)
	if len(running) > 0 {
		status += fmt.Sprintf(", %d running: %s", len(running), strings.Join(running, ", "))
	}
	v.screen.Show("", status)
}

var marks = map[string]term.Mark{gotest.Pass: term.Passed, gotest.Fail: term.Failed, gotest.Skip: term.Skipped}
