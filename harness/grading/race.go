package grading

import (
	"fmt"
	"regexp"
	"strings"
)

// access matches one of the two accesses in a report of Go's race detector: its kind, and its stack.
var access = regexp.MustCompile(`(?m)^(?:Previous )?([Rr]ead|[Ww]rite) at 0x[0-9a-f]+ by .*:\n((?:  .*\n)+)`)

// ofProject matches a function of this module in such a stack, and the name of its file with the line. A generic function has its
// types in its name, with spaces: "keep[go.shape.struct { A int }].func1".
var ofProject = regexp.MustCompile(`(?m)^  socketlabs/(?:\w+/)*(\w+\..+)\(\)\n +(?:.*[/\\])?(\S+:\d+)`)

// types matches these types.
var types = regexp.MustCompile(`\[.*\]`)

// race returns the finding on a data race in the student's code, if the race detector has printed one. The detector ends
// the process with its first report, so this report is the last thing that is printed. If one of the accesses is in other
// code, the race is not the student's.
func race(printed string) (f Finding, found bool) {
	report := printed[max(0, strings.LastIndex(printed, "\nWARNING: DATA RACE\n")):]
	var seen []string
	for _, one := range access.FindAllStringSubmatch(report, 2) {
		at := ofProject.FindStringSubmatch(one[2])
		if at == nil || !strings.HasPrefix(at[1], "exercise.") || !studentsFile.MatchString(at[2]) {
			return f, false
		}
		seen = append(seen, fmt.Sprintf("a %s at %s, in %s", strings.ToLower(one[1]), at[2],
			types.ReplaceAllLiteralString(strings.TrimPrefix(at[1], "exercise."), "[...]")))
	}
	return Finding{
		Sentence: "no-race",
		Mistake:  "your code has a data race",
		Expected: "goroutines that use the same variable take turns: by a mutex, a channel or sync/atomic",
		Seen:     strings.Join(seen, ", and ") + ", of the same variable: neither waits for the other",
	}, len(seen) == 2
}
