package main

import (
	"cmp"
	"fmt"
	"time"

	"socketlabs/harness/story"
	"socketlabs/labs/gotest"
)

// during does something, and draws meanwhile. What is handed to then is called between two drawings.
func (l *labs) during(draw func(), do func(then func(func())) error) error {
	calls := make(chan func())
	var err error
	go func() {
		defer close(calls)
		err = do(func(call func()) { calls <- call })
	}()
	redraw := time.NewTicker(100 * time.Millisecond)
	defer redraw.Stop()
	for {
		select {
		case call, more := <-calls:
			if !more {
				l.screen.end()
				return err
			}
			call()
		case <-redraw.C:
			draw()
		}
	}
}

// status says for how long the tests have been running, or what has to be done before.
func (r *results) status() string {
	if r.haveBegun() {
		return since(r.began)
	}
	if r.asked.IsZero() {
		r.asked = time.Now()
	}
	return since(r.asked) + "  " + cmp.Or(r.awaits, howFar(r.compiling))
}

// howFar says how far the compilers are.
func howFar(c *gotest.Compiling) string {
	text := "compiling, slow the first time"
	if c != nil {
		if done, of := c.Progress(); of > 0 {
			text += fmt.Sprintf(": %d of %d packages", done, of)
		}
	}
	return text
}

func since(begun time.Time) string { return story.Tenths(time.Since(begun)) }
