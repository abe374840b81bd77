// Package view shows a run of tests, and its outcomes.
package view

import (
	"socketlabs/labs/internal/gotest"
	"socketlabs/labs/internal/results"
	"socketlabs/labs/internal/term"
)

// View shows a run of go test. Its methods are never called at the same time.
type View interface {
	Event(gotest.Event) // called for each event
	Tick()              // called every tenth of a second
}

// NewWait shows only the time, and what the user waits for.
func NewWait(s *term.Screen, r *results.Results, what string) View {
	return &waitView{screen: s, results: r, what: what}
}

// waitView shows only what the user waits for.
type waitView struct {
	screen  *term.Screen
	results *results.Results
	what    string
}

func (v *waitView) Event(e gotest.Event) { v.results.Add(e) }

func (v *waitView) Tick() {
	status := v.results.Status()
	if v.results.HaveBegun() {
		status += "  " + v.what
	}
	v.screen.Show("", status)
}
