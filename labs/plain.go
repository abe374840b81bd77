package main

import (
	"fmt"
	"io"

	"socketlabs/labs/gotest"
)

// plainView prints what go test -v prints: package by package, and the name of the test wherever the
// lines of another one begin.
type plainView struct {
	out     io.Writer
	results *results
	order   []string // packages that are not yet over, in the order of their beginning
	held    map[string][]gotest.Event
	test    string // whose lines were printed last
	err     error
}

func (v *plainView) event(e gotest.Event) {
	v.results.add(e)
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
	if e.Action != gotest.Output || v.err != nil {
		return
	}
	if !frame.MatchString(e.Output) && e.Test != v.test && e.Test != "" {
		_, v.err = fmt.Fprintf(v.out, "=== NAME  %s\n", e.Test)
	}
	v.test = e.Test
	_, v.err = io.WriteString(v.out, e.Output)
}

func (v *plainView) tick() error { return v.err }

func (v *plainView) end() error { return v.err }
