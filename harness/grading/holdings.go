package grading

import (
	"fmt"
	"maps"
	"runtime"
	"slices"
	"strings"
	"sync/atomic"
	"time"
)

// Holdings is what the student's process has open and running at a moment.
type Holdings struct {
	Descriptors map[string]string // "7": "socket:[1234]"
	Goroutines  map[string]string // "goroutine 37": "exercise.go:12"
	Children    []string          // process IDs
}

// Holdings finds out what the student's process has open and running. If the system shows a process's descriptors and
// children from outside, the grader looks there, and does not ask the process.
func (g *Grader) Holdings() (h Holdings) {
	g.t.Helper()
	h.Descriptors, h.Children = g.openAndStarted()
	h.Goroutines = g.Goroutines()
	return h
}

// Goroutines returns the goroutines of the student's process: the part of Holdings that is found most quickly. Looking at them
// stops all of them briefly.
func (g *Grader) Goroutines() map[string]string {
	g.t.Helper()
	all, answered := ask(g, goroutines, struct{}{}, 2*Patience)
	if !answered {
		g.Expect(false, g.death("a question of the grader"))
	}
	running := make(map[string]string)
	for _, one := range all {
		running[one.Name] = one.Where
	}
	return running
}

// ExpectNothingLeft expects that the student's process has no new descriptors, goroutines or children, compared with
// before. Call it when a call of the student's code has returned; what is the name of that call. It looks several times,
// because something may just be ending.
func (g *Grader) ExpectNothingLeft(before Holdings, what string) {
	g.t.Helper()
	f := Finding{Sentence: "nothing-left"}
	const least = 20 // looks, even after the limit: each look takes longer on a busy machine
	limit := time.Now().Add(patience)
	pause := time.Millisecond
	for looks := 0; looks < least || time.Now().Before(limit); looks++ {
		descriptors, children := g.openAndStarted()
		switch {
		case len(children) > len(before.Children):
			f.Mistake = "your code leaves a child process behind"
			f.Expected = "what your code has started has ended, and was waited for, when " + what + " has returned"
			f.Seen = "still there: process " + strings.Join(newOnes(before.Children, children), ", ")
		case more(before.Descriptors, descriptors) != nil:
			f.Mistake = "your code leaves a descriptor open"
			f.Expected = "what your code has opened is closed when " + what + " has returned"
			f.Seen = "still open: " + strings.Join(more(before.Descriptors, descriptors), ", ")
		default:
			left := more(before.Goroutines, g.Goroutines())
			if left == nil {
				return
			}
			f.Mistake = "your code leaks a goroutine"
			f.Expected = "what your code has started has ended when " + what + " has returned"
			f.Seen = "still there: " + strings.Join(left, ", ")
		}
		time.Sleep(pause)
		pause = min(2*pause, 50*time.Millisecond)
	}
	g.Expect(false, f)
}

// newOnes returns the processes in now that were not in before.
func newOnes(before, now []string) []string {
	return slices.DeleteFunc(slices.Clone(now), func(one string) bool { return slices.Contains(before, one) })
}

// hidden stands for the descriptors that a process lets nobody see. We can't know whether they are new.
const hidden = "hidden"

// more returns the entries of now that are new.
func more(before, now map[string]string) (added []string) {
	for _, key := range slices.Sorted(maps.Keys(now)) {
		if was, known := before[key]; !known || now[key] == hidden || was != now[key] && strings.HasPrefix(now[key], "socket") {
			added = append(added, fmt.Sprintf("%s (%s)", key, now[key]))
		}
	}
	return added
}

// CollectGarbage runs the garbage collector in this process, and returns after finalizers and cleanups of its own have run. If a
// descriptor belongs to an object such as an os.File, and nothing refers to that object any more, its finalizer or cleanup has closed
// the descriptor by then. One run may not find every object.
func CollectGarbage(runs int) {
	type ours struct{ itself *ours }
	var over atomic.Int64
	for range runs {
		runtime.SetFinalizer(new(ours), func(*ours) { over.Add(1) })
		runtime.AddCleanup(new(ours), func(struct{}) { over.Add(1) }, struct{}{})
		runtime.GC()
	}
	for limit := time.Now().Add(time.Second); over.Load() < int64(2*runs) && time.Now().Before(limit); {
		runtime.GC()
		runtime.Gosched()
	}
}
