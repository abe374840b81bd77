package grading

import (
	"fmt"
	"os"
	"regexp"
	"runtime"
	"strings"
	"time"

	"socketlabs/harness/grading/report"
	"socketlabs/harness/grading/student"
	"socketlabs/harness/story"
)

var (
	panicking   = regexp.MustCompile(`(?m)^(?:panic|fatal error): (.*)$`)
	memoryIsOut = regexp.MustCompile(`out of memory|cannot allocate memory`)
)

// death returns the finding on a student's process that has ended, or no longer answers, while the grader needs it.
func (g *Grader) death(what string) Finding {
	s := g.student
	select {
	case <-s.Ended():
	case <-time.After(time.Second):
		f := Finding{
			Sentence: "no-panic",
			Mistake:  "your process does not answer the grader any more",
			Expected: what + " returns",
			Seen:     "it lives on, but has closed its standard input or output, or written to them by their descriptors",
		}
		select {
		case <-s.Over():
		default:
			f.Seen = fmt.Sprintf("it lives on, and has said nothing for %s", story.Duration(2*Patience))
		}
		s.Kill()
		<-s.Ended()
		return f
	}
	said, n := s.Printed()
	f := Finding{Sentence: "no-panic", Expected: what + " returns"}
	where, panicked := "", panicking.FindStringSubmatchIndex(said)
	if panicked != nil { // the stack of the goroutine that panics comes first
		if at := studentsFile.FindString(said[panicked[0]:]); at != "" {
			where = ", at " + at
		}
	}
	state := s.State()
	switch {
	case n > student.MostPrinted:
		f.Mistake = "your code prints without end"
		f.Expected = fmt.Sprintf("at most %d KiB", student.MostPrinted>>10)
		f.Seen = "more, and its process was killed"
	case strings.Contains(said, "stack overflow"):
		f.Mistake = "your code calls itself without end"
		f.Seen = "the stack overflows" + where
	case memoryIsOut.MatchString(said):
		f.Mistake = "your code takes too much memory"
		f.Seen = "it asks for more than it may have" + where
	case panicked != nil && state.ExitCode() == exitOfPanic:
		f.Mistake = "your code panics"
		f.Seen = said[panicked[2]:panicked[3]] + where
	case state.ExitCode() >= 0:
		f.Mistake = "your code ends the process"
		f.Expected = what + " returns; os.Exit and log.Fatal end the whole process"
		f.Seen = fmt.Sprintf("the process has ended, with status %d", state.ExitCode())
	default:
		f.Mistake = "the process of your code was killed"
		f.Seen = fmt.Sprintf("%v: your code, somebody else, or a system that is short of memory has sent it", state)
	}
	if !g.answered {
		f.Seen += "; before anything was called: by an init or a variable's value"
	}
	return f
}

// checkStart ends the grading without a judgment if the student's process could not be started.
func (g *Grader) checkStart() {
	g.t.Helper()
	if os.Getenv(report.CommandVar) == "" || runtime.GOOS != "linux" || g.student.State().ExitCode() != report.NotStarted {
		return
	}
	why, _ := g.student.Printed()
	g.report.Result, g.report.Reason = report.Broken, strings.TrimSpace(why)
	g.t.Fatalf("the process of the student's code can't be started: %s", g.report.Reason)
}

// exitOfPanic is the exit status of a Go program that panics.
const exitOfPanic = 2

// whereItIs says which lines of the student's code the process is in. The text is appended to what was seen.
func (g *Grader) whereItIs() string {
	all, answered := ask(g, goroutines, struct{}{}, time.Second)
	if !answered {
		return "; its process answers nothing"
	}
	lines := make(map[string]bool)
	text := ""
	for _, one := range all {
		if studentsFile.MatchString(one.Where) && !lines[one.Where] {
			lines[one.Where] = true
			text += ", at " + one.Where
		}
	}
	return text
}

// ask calls the student's process, even while other calls of the grader are waiting.
func ask[A, R any](g *Grader, f Func[A, R], arg A, within time.Duration) (result R, answered bool) {
	reply := make(chan R, 1)
	go func() {
		defer func() { recover() }() // no answer
		reply <- f.On(g, arg)
	}()
	select {
	case result = <-reply:
		return result, true
	case <-g.student.Over():
	case <-time.After(within):
	}
	return result, false
}

// hangs ends the grading with the finding on a call that has not returned.
func (g *Grader) hangs(r *Running, limit time.Duration, f Finding) {
	g.t.Helper()
	if f.Seen == "" {
		f.Seen = fmt.Sprintf("%s has not returned after %s", r.what, story.Duration(limit))
	}
	f.Seen += g.whereItIs()
	g.Expect(false, f)
}
