//go:build unix

package grading_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/assert"

	"socketlabs/harness"
	"socketlabs/harness/grading/report"
	"socketlabs/harness/grading/testdata/exercise"
	"socketlabs/harness/peer"
	"socketlabs/harness/skip"
)

func TestWhatIsLeftInTheProcessIsTheStudents(t *testing.T) {
	skip.UnlessChecking(t, "waits to see whether students tidy up")
	t.Parallel()
	for grader, of := range map[string]struct{ mistake, seen string }{
		"TestStudentLeavesSocket":         {"your code leaves a descriptor open", "still open: descriptor "},
		"TestStudentLeavesProcess":        {"your code leaves a child process behind", "still there: process "},
		"TestStudentLeavesUnixSocket":     {"your code leaves a descriptor open", "still open: descriptor "},
		"TestStudentLeavesDatagramSocket": {"your code leaves a descriptor open", "still open: descriptor "},
		"TestStudentLeavesSocketToGrader": {},
	} {
		t.Run(grader, func(t *testing.T) {
			t.Parallel()
			left, printed, _ := grade(t, grader)
			want := report.Report{Result: report.Passed}
			if of.mistake != "" && assert.NotNil(t, left.Finding, "%s", printed) {
				want = report.Report{Result: report.Failed, Step: "the student is called", Finding: &report.Finding{
					Sentence: "nothing-left",
					Said:     "Nothing is left behind.",
					Mistake:  of.mistake,
					Expected: left.Finding.Expected,
					Seen:     of.seen,
				}}
			}
			if left.Finding != nil {
				left.Finding.Seen = cutTo(left.Finding.Seen, of.seen)
			}
			assert.Empty(t, cmp.Diff(want, *left), "the report (-want +got)\n%s", printed)
		})
	}
}

func TestLeftoverOfWrongStudentIsReportedOnce(t *testing.T) {
	t.Parallel()
	left, _, _ := grade(t, "TestStudentIsWrongAndLeavesASocket")
	assert.Equal(t, "it is wrong", left.Finding.Mistake)
}

func TestNobodyIsJudgedWhoHasNotBegun(t *testing.T) {
	t.Parallel()
	left, _, status := grade(t, "TestStudentHasNotBegunAndLeavesASocket")
	assert.Equal(t, report.Report{Result: report.NotBegun}, *left)
	assert.Zero(t, status)
}

var (
	leavesSocket        = student("LeavesSocket", func() { exercise.LeavesSocket("tcp", harness.Loopback()) })
	leavesUnixSocket    = student("LeavesUnixSocket", func() { exercise.LeavesSocket("unix", "") })
	leavesDatagrams     = student("LeavesDatagramSocket", exercise.LeavesDatagramSocket)
	leavesProcess       = student("LeavesProcess", exercise.LeavesProcess)
	leavesAndIsNotBegun = student("LeavesSocketAndIsNotBegun", func() {
		exercise.LeavesSocket("tcp", harness.Loopback())
		exercise.IsNotBegun()
	})
)

func TestStudentHasNotBegunAndLeavesASocket(t *testing.T) {
	g := start(t)
	g.Call(what, moment, stuck, leavesAndIsNotBegun(g))
}

func TestStudentLeavesSocket(t *testing.T) {
	g := start(t)
	g.Call(what, moment, stuck, leavesSocket(g))
}

func TestStudentIsWrongAndLeavesASocket(t *testing.T) {
	g := start(t)
	g.Call(what, moment, stuck, leavesSocket(g))
	g.Expect(false, wrong)
}

func TestStudentLeavesUnixSocket(t *testing.T) {
	g := start(t)
	g.Call(what, moment, stuck, leavesUnixSocket(g))
}

func TestStudentLeavesDatagramSocket(t *testing.T) {
	g := start(t)
	g.Call(what, moment, stuck, leavesDatagrams(g))
}

// What the driver keeps is closed before the grader looks for what the student's code has left.
func TestStudentLeavesSocketToGrader(t *testing.T) {
	g := start(t)
	listener := peer.ListenNoKeepalive(g.Experiment)
	g.Dial(listener.Addr().String())
	g.Call(what, moment, stuck, returns(g))
}

func TestStudentLeavesProcess(t *testing.T) {
	g := start(t)
	g.Call(what, moment, stuck, leavesProcess(g))
}
