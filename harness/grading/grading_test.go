package grading_test

import (
	_ "embed"
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"socketlabs/harness/grading"
	"socketlabs/harness/grading/report"
	"socketlabs/harness/internal/child"
	"socketlabs/harness/skip"
)

//go:embed testdata/exercise/exercise.go
var tasks string

// childVar is the environment variable that tells a child which grader it runs: each grader has its own process.
const childVar = "GRADING_TEST_CHILD"

func TestMain(m *testing.M) {
	grading.BeStudent()
	grading.SetTasks(tasks)
	if os.Getenv(childVar) == "" {
		child.LeaveOut("^TestStudent")                          // graders: the function grade runs them
		if err := flag.Set("test.parallel", "32"); err != nil { // they wait
			panic(err) // the testing package always defines it
		}
	}
	os.Exit(m.Run())
}

// grade runs a grader in a process of its own, as the command labs does, and returns its report and what it prints.
func grade(t *testing.T, grader string, env ...string) (left *report.Report, printed string, status int) {
	t.Helper()
	printed, status = runGrader(t, grader, append(env, report.Var+"=stdin")...)
	_, text, found := strings.Cut(printed, " "+report.Key(nonce)+" ")
	require.True(t, found, "%s", printed)
	text, _, _ = strings.Cut(text, "\n")
	left, err := report.Decode(text)
	require.NoError(t, err, "%s", printed)
	return left, printed, status
}

// nonce is the secret word in the name of the report's attribute.
const nonce = "ours"

func runGrader(t *testing.T, grader string, env ...string) (printed string, status int) {
	t.Helper()
	self := skip.UnlessSelf(t)
	cmd := exec.CommandContext(t.Context(), self, "-test.run=^"+grader+"$", "-test.v", "-test.timeout=1m")
	cmd.Env = append(append(os.Environ(), childVar+"="+grader), env...)
	cmd.Stdin = strings.NewReader(nonce)
	out, _ := cmd.CombinedOutput()
	return string(out), cmd.ProcessState.ExitCode()
}

// stuck is the finding of these graders if the student's code hangs, and wrong if it makes a mistake.
var (
	stuck = report.Finding{Sentence: "it-hangs", Mistake: "it hangs", Expected: "it returns", Read: "lab01_timeout/TestX"}
	wrong = report.Finding{Mistake: "it is wrong", Expected: "right", Seen: "wrong"}
)

const step = "the student is called"

func failed(f report.Finding) report.Report {
	return report.Report{Result: report.Failed, Step: step, Finding: &f}
}

func ends(mistake, expected, seen string) report.Report {
	return failed(report.Finding{Sentence: "no-panic", Said: "see the task", Mistake: mistake, Expected: expected, Seen: seen})
}

func TestReportSaysWhatTheGraderFound(t *testing.T) {
	t.Parallel()
	panics := func(seen string) report.Report { return ends("your code panics", "the student's call returns", seen) }
	testReports(t, map[string]report.Report{
		"TestStudentIsRight":         {Result: report.Passed},
		"TestStudentIsWrong":         failed(wrong),
		"TestStudentPanics":          panics("as asked, at exercise.go:" + lineOf(t, `{ panic("as asked") }`)),
		"TestStudentsCallbackPanics": panics("as asked, at a place outside of exercise.go"),
		"TestStudentReturnsEarly":    failed(wrong),
		"TestStudentPanicsEarly":     panics("as asked, at exercise.go:" + lineOf(t, `{ panic("as asked") }`)),
		"TestStudentWaitsAsAsked":    {Result: report.Passed},
		"TestStudentReaches":         {Result: report.Passed},
		"TestStudentReturnsInstead":  {Result: report.Passed},
		"TestStudentHasNotBegun":     {Result: report.NotBegun},
		"TestStudentHasBegunOnePart": ends("a part of the exercise is not written yet",
			"the student's call does what its comment says", "panic(notBegun) at exercise.go:"+lineOf(t, "panic(grading.NotBegun)")),
		"TestStudentLeavesGoroutineForAMoment":  {Result: report.Passed},
		"TestStudentIsWrongAndLeavesAGoroutine": failed(wrong),
		"TestStudentNeedsWhatIsNotHere":         {Result: report.Impossible, Reason: "its timers take minutes"},
		"TestStudentExits": ends("your code ends the process", "the student's call returns; os.Exit and log.Fatal end the whole process",
			"the process has ended, with status 3"),
		"TestStudentExitsWell": ends("your code ends the process", "the student's call returns; os.Exit and log.Fatal end the whole process",
			"the process has ended, with status 0"),
		"TestStudentPanicsElsewhere": panics("as asked, at exercise.go:" + lineOf(t, `go panic("as asked")`)),
		"TestStudentPrints":          {Result: report.Passed, Printed: "as asked\n"},
	})
}

func TestReportSaysWhatTheGraderWaitedFor(t *testing.T) {
	skip.UnlessChecking(t, "waits for students who hang")
	t.Parallel()
	hangs := func(said, seen string) report.Report {
		f := stuck
		f.Said, f.Seen = said, seen
		return failed(f)
	}
	leaves := func(mistake, done, seen string) report.Report {
		return failed(report.Finding{
			Sentence: "nothing-left", Said: "Nothing is left behind.",
			Mistake: mistake, Expected: "what your code has " + done + " when all has returned", Seen: seen,
		})
	}
	inWaits := "exercise.go:" + lineOf(t, "{ <-until }")
	testReports(t, map[string]report.Report{
		"TestStudentHangs":          hangs("Whoever calls it has to wait.", "the student's call has not returned after 1.1 s, at "+inWaits),
		"TestStudentIsSeenToHang":   failed(report.Finding{Mistake: "it hangs", Expected: "it returns", Seen: "nothing, at " + inWaits}),
		"TestStudentReachesNothing": hangs("see the task", "the student's call has not returned after 1.1 s, at "+inWaits),
		"TestStudentLeavesGoroutine": leaves("your code leaks a goroutine", "started has ended",
			"still there: goroutine "),
		"TestStudentLeavesForeignGoroutine": leaves("your code leaks a goroutine", "started has ended",
			"still there: goroutine "),
		"TestStudentCallsItself": ends("your code calls itself without end", "the student's call returns", "the stack overflows, at exercise.go:"),
		"TestStudentClosesChannel": ends("your process does not answer the grader any more", "the student's call returns",
			"it lives on, but has closed its standard input or output, or written to them by their descriptors"),
	})
}

// testReports compares what graders report with what they should report.
func testReports(t *testing.T, reports map[string]report.Report) {
	t.Helper()
	for grader, want := range reports {
		t.Run(grader, func(t *testing.T) {
			t.Parallel()
			left, printed, status := grade(t, grader, "LABS_LONG=off")
			if want.Finding != nil && left.Finding != nil { // addresses and remedies are longer
				left.Finding.Seen = cutTo(left.Finding.Seen, want.Finding.Seen)
			}
			left.Reason = cutTo(left.Reason, want.Reason)
			assert.Empty(t, cmp.Diff(want, *left), "the report (-want +got)\n%s", printed)
			assert.Equal(t, want.Result == report.Failed, status != 0, "%s", printed)
			if !strings.Contains(grader, "Goroutine") { // a leaked goroutine is found at the end, by endStudent
				assert.NotRegexp(t, `(grader|running|death|holdings)\.go:\d+:`, printed, "the line is the grader's own")
			}
		})
	}
}

// cutTo returns wanted if the text begins with it, and otherwise the whole text.
func cutTo(text, wanted string) string {
	if wanted != "" && strings.HasPrefix(text, wanted) {
		return wanted
	}
	return text
}

// lineOf returns the number of the line where the student's code has the given text.
func lineOf(t *testing.T, text string) string {
	t.Helper()
	source, err := os.ReadFile(filepath.Join("testdata", "exercise", "exercise.go"))
	require.NoError(t, err)
	before, _, found := strings.Cut(string(source), text)
	require.True(t, found)
	return strconv.Itoa(strings.Count(before, "\n") + 1)
}

func TestGraderTellsStudentWhereItHangs(t *testing.T) {
	skip.UnlessChecking(t, "waits for a student who hangs")
	t.Parallel()
	_, printed, _ := grade(t, "TestStudentHangs")
	assert.Contains(t, printed, strings.Join([]string{
		"sentence:  it-hangs: Whoever calls it has to wait.",
		"step:      the student is called",
		"mistake:   it hangs",
		"expected:  it returns",
		"seen:      the student's call has not returned after 1.1 s, at exercise.go:" + lineOf(t, "{ <-until }"),
		"read:      go run ./labs show lab01_timeout/TestX",
		"a hint:    go run ./labs hint harness/StudentHangs",
	}, "\n        "))
}

func TestGraderTellsStudentWhatItFound(t *testing.T) {
	t.Parallel()
	_, printed, _ := grade(t, "TestStudentIsWrong")
	assert.Contains(t, printed, strings.Join([]string{
		"step:      the student is called",
		"mistake:   it is wrong",
		"expected:  right",
		"seen:      wrong",
		"a hint:    go run ./labs hint harness/StudentIsWrong",
	}, "\n        "))
	assert.NotContains(t, printed, "read:")
	assert.NotContains(t, printed, "beyond the first mistake")

	_, printed, _ = grade(t, "TestStudentHasNotBegun")
	assert.Contains(t, printed, "not begun: the task is in harness/exercise/exercise.go, above StudentHasNotBegun; "+
		"to begin, replace panic(notBegun) there with your code; then: go run ./labs grade harness/StudentHasNotBegun")
}

// A grader prints its steps as an experiment does.
func TestGraderShowsItsSteps(t *testing.T) {
	t.Parallel()
	_, printed, _ := grade(t, "TestStudentIsRight")
	assert.Regexp(t, `\d\.\d{3} s  story +the student is called\n`, printed)
}

func TestGraderWithoutReport(t *testing.T) {
	t.Parallel()
	_, status := runGrader(t, "TestStudentIsRight", report.Var+"=")
	assert.Zero(t, status)
	printed, status := runGrader(t, "TestStudentIsWrong", report.Var+"=")
	assert.NotZero(t, status)
	assert.Contains(t, printed, "mistake:   it is wrong")
}

const moment = 100 * time.Millisecond
