package view

import (
	"fmt"

	"socketlabs/labs/internal/catalog"
	"socketlabs/labs/internal/gotest"
	"socketlabs/labs/internal/results"
	"socketlabs/labs/internal/term"
	"socketlabs/labs/internal/textpicture"
)

// storyView draws a single experiment.
type storyView struct {
	screen  *term.Screen
	drawing *textpicture.Drawing
	results *results.Results
}

// NewStory draws the story of a single experiment while it runs.
func NewStory(s *term.Screen, e catalog.Experiment, r *results.Results) View {
	d := &textpicture.Drawing{Width: s.Width()}
	fmt.Fprintf(s, "%s\n%s\n\n%s\n", term.Bold.Render(e.Name()), term.Hang("", e.Title, d.Width), d.Heads())
	return &storyView{screen: s, drawing: d, results: r}
}

func (v *storyView) Event(e gotest.Event) {
	o := v.results.Add(e)
	if o == nil {
		return
	}
	for _, event := range o.Untold() {
		fmt.Fprint(v.screen, v.drawing.Event(o.Test, event))
	}
	if e.Action == gotest.Fail {
		fmt.Fprint(v.screen, v.drawing.Failure(o.Test, o.Says))
	}
}

func (v *storyView) Tick() { v.screen.Show("", v.results.Status()+"  ^C stops") }
