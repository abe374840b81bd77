package grading

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// Holdings is what the student's process has open and running at a moment.
type Holdings struct {
	Descriptors map[string]string // "7": "socket:[1234]"
	Goroutines  map[string]string // "goroutine 37": "exercise.go:12"
	Children    []string          // process numbers
}

// Holdings looks what the student's process has open and running. Where the system shows descriptors and children
// from outside, the process is not asked.
func (g *Grader) Holdings() (h Holdings) {
	g.t.Helper()
	all, answered := ask(g, goroutines, struct{}{}, 2*Patience)
	if !answered {
		g.Expect(false, g.death("a question of the grader"))
	}
	h.Goroutines = make(map[string]string)
	for _, one := range all {
		h.Goroutines[one.Name] = one.Where
	}
	h.Descriptors, h.Children = g.openAndStarted()
	return h
}

// ExpectNothingLeft expects that the student's process has nothing that it did not have before, when what has
// returned. It waits for what is on its way to its end.
func (g *Grader) ExpectNothingLeft(before Holdings, what string) {
	g.t.Helper()
	f := Finding{Sentence: "nothing-left"}
	const least = 20 // looks: a busy machine needs longer for each
	limit := time.Now().Add(patience)
	for looks := 0; looks < least || time.Now().Before(limit); looks++ {
		now := g.Holdings()
		switch {
		case len(now.Children) > len(before.Children):
			f.Mistake = "your code leaves a child process behind"
			f.Expected = "what your code has started has ended, and was waited for, when " + what + " has returned"
			f.Seen = "still there: process " + strings.Join(newOnes(before.Children, now.Children), ", ")
		case more(before.Descriptors, now.Descriptors) != nil:
			f.Mistake = "your code leaves a descriptor open"
			f.Expected = "what your code has opened is closed when " + what + " has returned"
			f.Seen = "still open: " + strings.Join(more(before.Descriptors, now.Descriptors), ", ")
		case more(before.Goroutines, now.Goroutines) != nil:
			f.Mistake = "your code leaks a goroutine"
			f.Expected = "what your code has started has ended when " + what + " has returned"
			f.Seen = "still there: " + strings.Join(more(before.Goroutines, now.Goroutines), ", ")
		default:
			return
		}
		time.Sleep(5 * time.Millisecond)
	}
	g.Expect(false, f)
}

// newOnes are those that were not there before.
func newOnes(before, now []string) []string {
	return slices.DeleteFunc(slices.Clone(now), func(one string) bool { return slices.Contains(before, one) })
}

// more is what is new.
func more(before, now map[string]string) (added []string) {
	for _, key := range slices.Sorted(maps.Keys(now)) {
		if was, known := before[key]; !known || was != now[key] && strings.HasPrefix(now[key], "socket") {
			added = append(added, fmt.Sprintf("%s (%s)", key, now[key]))
		}
	}
	return added
}
