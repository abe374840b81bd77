package grading

import (
	"bytes"
	"fmt"
	"regexp"
	"runtime"
	"runtime/pprof"
	"strings"
	"time"
)

// findGoroutines rejects code that leaves goroutines behind. They carry the label of the call that
// they come from.
func (g *Grader) findGoroutines() {
	if g.t.Failed() || g.t.Skipped() {
		return
	}
	var left string
	for limit := time.Now().Add(patience); ; time.Sleep(10 * time.Millisecond) {
		if left = goroutinesLabelled(g.t.Name()); left == "" {
			return
		}
		if time.Now().After(limit) {
			break
		}
	}
	g.reject(Finding{
		Mistake:  "a goroutine of yours is left behind",
		Expected: "what your code has started has ended when it is done",
		Seen:     "still there: " + left,
	})
}

var studentsFrame = regexp.MustCompile(`exercise\.\S+|exercise\.go:\d+`)

// goroutinesLabelled says where in the student's code a goroutine is, or began, that carries the label.
func goroutinesLabelled(name string) (where string) {
	var profile bytes.Buffer
	// Goroutines with one stack are one paragraph, and its labels stand in it: debug=1.
	if err := pprof.Lookup("goroutine").WriteTo(&profile, 1); err != nil {
		return ""
	}
	label := fmt.Sprintf("%q:%q", labelled, name)
	for goroutine := range strings.SplitSeq(profile.String(), "\n\n") {
		if strings.Contains(goroutine, label) {
			if frame := studentsFrame.FindString(goroutine); frame != "" {
				return frame
			}
			where = "a goroutine that your code has started"
		}
	}
	return where
}

// studentsLine is the line of the student's code that a panic comes from.
func studentsLine() string {
	const inThePanic = 3 // Callers, this function, the one that recovers
	pcs := make([]uintptr, 64)
	frames := runtime.CallersFrames(pcs[:runtime.Callers(inThePanic, pcs)])
	for {
		frame, more := frames.Next()
		if strings.Contains(frame.Function, "/exercise.") {
			return fmt.Sprintf("%s:%d", "exercise.go", frame.Line)
		}
		if !more {
			return "a place outside of exercise.go"
		}
	}
}
