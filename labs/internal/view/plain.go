package view

import (
	"fmt"
	"strings"

	"socketlabs/harness/story"
	"socketlabs/labs/internal/gotest"
	"socketlabs/labs/internal/results"
	"socketlabs/labs/internal/term"
)

// plainView prints what go test -v prints: package by package, with the name of a test wherever its lines
// follow those of another test. It makes the lines of a story from the events.
type plainView struct {
	screen  *term.Screen
	results *results.Results
	order   []string // packages that have not ended, in the order of their beginning
	held    map[string][]gotest.Event
	told    map[string]*told // by package and test
	test    string           // the test whose lines were printed last
}

// told is how far the story of a test has been printed.
type told struct {
	decoder story.Decoder
	printer story.Printer
}

// NewPlain prints what go test -v prints.
func NewPlain(s *term.Screen, r *results.Results) View {
	return &plainView{screen: s, results: r, held: make(map[string][]gotest.Event), told: make(map[string]*told)}
}

func (v *plainView) Event(e gotest.Event) {
	v.results.Add(e)
	if e.Action == gotest.Start {
		v.order = append(v.order, e.Package)
	}
	if len(v.order) > 0 && e.Package != v.order[0] {
		v.held[e.Package] = append(v.held[e.Package], e)
		return
	}
	v.print(e)
	isOver := func(e gotest.Event) bool { return e.Test == "" && e.IsResult() }
	for over := isOver(e); over; {
		over = false
		if v.order = v.order[1:]; len(v.order) > 0 {
			for _, e := range v.held[v.order[0]] {
				v.print(e)
				over = isOver(e)
			}
		}
	}
}

func (v *plainView) print(e gotest.Event) {
	switch {
	case e.Action == gotest.Attr:
		t := v.toldOf(e)
		if event, done, err := t.decoder.Attribute(e.Key, e.Value); done && err == nil {
			v.lines(e.Test, t.printer.Lines([]story.Event{event}, false))
		}
	case e.Action != gotest.Output || strings.HasPrefix(e.Output, "=== ATTR"):
	case strings.HasPrefix(e.Output, "=== ARTIFACTS"): // not printed, because --keep moves the artifacts
	default:
		if strings.HasPrefix(e.Output, "---") {
			v.lines(e.Test, v.toldOf(e).printer.Lines(nil, true))
		}
		v.line(e.Test, e.Output)
	}
}

func (v *plainView) toldOf(e gotest.Event) *told {
	name := e.Package + "/" + e.Test
	if v.told[name] == nil {
		v.told[name] = new(told)
	}
	return v.told[name]
}

func (v *plainView) lines(test string, lines []string) {
	for _, line := range lines {
		v.line(test, "    "+line+"\n") // indented as t.Output does it
	}
}

func (v *plainView) line(test, line string) {
	if !gotest.IsFrame(line) && test != v.test && test != "" {
		fmt.Fprintf(v.screen, "=== NAME  %s\n", test)
	}
	v.test = test
	fmt.Fprint(v.screen, line)
}

func (v *plainView) Tick() {
	if !v.results.HaveBegun() {
		v.screen.Show("", v.results.Status())
	}
}
