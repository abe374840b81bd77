package grading

import (
	"encoding/json"
	"fmt"
	"os"
	"regexp"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"testing"

	"socketlabs/harness"
	"socketlabs/harness/grading/student"
)

// toGrader is the channel, in the student's process. The package of the exercise imports this one, so these variables
// are initialized before any of the student's code runs.
var toGrader, fromGrader = student.ConnectToGrader(carryOut)

// Main runs the tests of an exercise's package, and exits. TestMain calls it:
//
//	//go:embed exercise.go
//	var tasks string
//
//	func TestMain(m *testing.M) { grading.Main(m, wire.Watch, tasks) }
//
// The process of the tests is the grader's. It starts other processes, for the student's code. In those, Main runs no
// tests, and carries out the grader's calls. source is the text of exercise.go, which has the tasks: see package task.
func Main(m *testing.M, witness func(*harness.Experiment) harness.Witness, source string) {
	beStudent()
	tasks = source
	harness.Main(m, witness)
}

// mostStack is the largest stack of the student's code. Go's default limit is a gigabyte, which takes seconds to fill.
const mostStack = 64 << 20

// In the student's process, beStudent carries out the grader's calls, and does not return. In the grader's process, it does
// nothing.
func beStudent() {
	if toGrader != nil {
		debug.SetMaxStack(mostStack)
		// A garbage collection would close what the student's code has forgotten to close, and hide the leak.
		debug.SetGCPercent(-1)
		debug.SetMemoryLimit(mostMemory)
		toGrader.Serve(fromGrader)
		os.Exit(0) // the grader has ended
	}
}

// carryOut carries out a call from the grader, in the student's process.
func carryOut(name string, body json.RawMessage) (result any, f *student.Fault) {
	defer func() {
		if r := recover(); r != nil {
			if _, over := r.(student.Gone); over {
				runtime.Goexit()
			}
			f = &student.Fault{NotBegun: r == error(NotBegun), Panic: fmt.Sprint(r), Where: studentsLine()}
		}
	}()
	if name == callConn {
		return own.carryOut(body), nil
	}
	call := exported[name]
	if call == nil {
		return nil, &student.Fault{Panic: "the driver has no " + name}
	}
	return call(body), nil
}

// studentsFile matches a line of the student's code. The project's own solutions of a lab are in several files.
var studentsFile = regexp.MustCompile(`exercise(?:_\d+)?\.go:\d+`)

// studentsLine returns the line of the student's code that a panic comes from.
func studentsLine() string {
	const inThePanic = 3 // Callers, this function, the function that recovers
	pcs := make([]uintptr, 64)
	frames := runtime.CallersFrames(pcs[:runtime.Callers(inThePanic, pcs)])
	for {
		frame, more := frames.Next()
		if strings.Contains(frame.Function, "/exercise.") {
			return fmt.Sprintf("exercise.go:%d", frame.Line)
		}
		if !more {
			return "a place outside of exercise.go"
		}
	}
}

// goroutine is a goroutine of the student's process.
type goroutine struct {
	Name  string // "goroutine 37"
	Where string // the student's line; if there is none, the function that it is in
}

// stacks is the buffer for the stacks of all goroutines. What does not fit is ignored.
var (
	stacksMutex sync.Mutex
	stacks      = make([]byte, 1<<20)
)

// goroutines returns the goroutines of the process, except the one that asks.
var goroutines = Export("grading.Goroutines", func(struct{}) (all []goroutine) {
	stacksMutex.Lock()
	defer stacksMutex.Unlock()
	text := stacks[:runtime.Stack(stacks, true)]
	for i, stack := range strings.Split(string(text), "\n\n") {
		if i == 0 {
			continue // this one
		}
		name, _, _ := strings.Cut(stack, " [")
		where := studentsFile.FindString(stack)
		if where == "" {
			lines := strings.Split(stack, "\n")
			where = strings.TrimSpace(lines[min(1, len(lines)-1)])
		}
		all = append(all, goroutine{name, where})
	}
	slices.SortFunc(all, func(a, b goroutine) int { return strings.Compare(a.Name, b.Name) })
	return all
})

// release closes the connections that the driver keeps, and forgets all kept values.
var release = Export("grading.Release", func(struct{}) struct{} {
	for _, value := range own.empty() {
		if closer, ok := value.(interface{ Close() error }); ok {
			closer.Close()
		}
	}
	return struct{}{}
})

// ready says that the process answers.
var ready = Export("grading.Ready", func(struct{}) struct{} { return struct{}{} })
