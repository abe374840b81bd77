// Package view shows a run of tests while it goes on, and what came of it.
package view

import (
	"socketlabs/labs/internal/gotest"
	"socketlabs/labs/internal/results"
	"socketlabs/labs/internal/term"
)

// View shows a run of go test as it goes. Its methods are called in turn.
type View interface {
	Event(gotest.Event) // something has happened
	Tick()              // a tenth of a second has passed
}

// NewWait says only how long it takes, and what is waited for.
func NewWait(s *term.Screen, r *results.Results, what string) View {
	return &waitView{screen: s, results: r, what: what}
}

// waitView says only what is waited for.
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
