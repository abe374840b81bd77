package harness

import (
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"socketlabs/harness/internal/system"
	"socketlabs/harness/story"
)

// Step says what the experiment does next. It writes durations with their units, as in 2.05 s.
func (x *Experiment) Step(format string, args ...any) {
	text := fmt.Sprintf(format, inWords(args)...)
	x.mu.Lock()
	x.lastStep = text
	x.mu.Unlock()
	x.Note(story.Event{Lane: story.Story, Kind: story.Step, Text: text})
}

// Outcome tells the result of a call on one side of the connection. It writes durations as Step does, and a nil error in words.
func (x *Experiment) Outcome(side story.Lane, format string, args ...any) {
	e := story.Event{Lane: side, Kind: story.Outcome, Text: fmt.Sprintf(format, inWords(args)...)}
	for _, arg := range args {
		if err, ok := arg.(error); ok {
			e.Error = err.Error()
		}
	}
	x.Note(e)
}

// inWords replaces nil errors and durations with words for people.
func inWords(args []any) []any {
	words := slices.Clone(args)
	for i, arg := range args {
		switch arg := arg.(type) {
		case nil:
			words[i] = story.NoError
		case time.Duration:
			words[i] = story.Duration(arg)
		}
	}
	return words
}

// Note adds an event to the story.
func (x *Experiment) Note(e story.Event) {
	x.mu.Lock()
	x.toldLast = ""
	x.mu.Unlock()
	now := x.log.Add(e)
	if x.witness != nil && x.tellsNow() {
		x.witness.Drain() // segments sent before this event come before it in the story
	}
	x.tell(now, false)
}

// LeaveSegmentsOut leaves the segments out of what a program reads: there may be thousands, and not every program reads them.
func (x *Experiment) LeaveSegmentsOut() {
	stage.Lock()
	defer stage.Unlock()
	x.noWire = true
}

// tellsData reports whether a program reads the story.
func tellsData() bool { return system.Setting("LABS_STORY") == "data" }

var stage sync.Mutex // held while an experiment prints

// tellsNow reports whether the story is printed while it happens. Under -v, only an experiment that
// runs alone prints its story while it happens. If several run side by side, each prints its whole story at its end.
func (x *Experiment) tellsNow() bool { return !testing.Verbose() || running.Load() == 1 }

// tell prints what happened before the given moment and has not been printed yet. It leaves later events to the calls
// that note them: each such call prints its event, once the segments before that event are known.
func (x *Experiment) tell(until time.Time, end bool) {
	if !end && !x.tellsNow() {
		return
	}
	stage.Lock()
	defer stage.Unlock()
	if x.toldAll || x.quiet {
		return // after the test there is nothing to print to
	}
	x.toldAll = end
	events := x.log.Untaken(until)
	if tellsData() {
		for _, e := range events {
			if x.noWire && e.Lane == story.Wire {
				continue
			}
			for _, attribute := range e.Encode() {
				x.t.Attr(attribute[0], attribute[1])
			}
		}
		return
	}
	for _, line := range x.told.Lines(events, end) {
		fmt.Fprintln(x.t.Output(), line)
	}
}
