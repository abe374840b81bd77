//go:build unix

package grading_test

import (
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/assert"

	"socketlabs/harness"
	"socketlabs/harness/grading/report"
	"socketlabs/harness/grading/testdata/exercise"
	"socketlabs/harness/peer"
)

func TestWhatIsLeftInTheProcessIsTheStudents(t *testing.T) {
	t.Parallel()
	for grader, of := range map[string]struct{ mistake, seen string }{
		"TestStudentLeavesSocket":         {"sockets of yours are left open", "1 open socket"},
		"TestStudentLeavesProcess":        {"a child process of yours is left behind", "nobody has waited for it: "},
		"TestStudentLeavesUnixSocket":     {},
		"TestStudentLeavesDatagramSocket": {},
		"TestStudentLeavesSocketToGrader": {},
	} {
		t.Run(grader, func(t *testing.T) {
			t.Parallel()
			want := report.Report{Result: report.Passed}
			if of.mistake != "" {
				want = report.Report{Result: report.Failed, Step: "the student is called", Finding: &report.Finding{
					Mistake:  of.mistake,
					Expected: "what your code has opened or started is closed and ended when it is done",
					Seen:     of.seen,
				}}
			}
			left, printed, _ := grade(t, grader)
			if left.Finding != nil {
				left.Finding.Seen = cutTo(left.Finding.Seen, of.seen)
			}
			assert.Empty(t, cmp.Diff(want, *left), "(-want +got)\n%s", printed)
		})
	}
}

// Beside other exercises, nobody knows whose it is.
func TestWhatIsLeftInASharedProcessIsNobodys(t *testing.T) {
	t.Parallel()
	printed, status := runGrader(t, "TestStudentLeavesSocket", report.Var+"=")
	assert.Zero(t, status, "%s", printed)
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

func TestStudentHasNotBegunAndLeavesASocket(t *testing.T) {
	g := start(t)
	g.Call(what, moment, stuck, func() {
		exercise.LeavesSocket("tcp", harness.Loopback())
		exercise.IsNotBegun()
	})
}

func TestStudentLeavesSocket(t *testing.T) {
	g := start(t)
	g.Call(what, moment, stuck, func() { exercise.LeavesSocket("tcp", harness.Loopback()) })
}

func TestStudentIsWrongAndLeavesASocket(t *testing.T) {
	g := start(t)
	g.Call(what, moment, stuck, func() { exercise.LeavesSocket("tcp", harness.Loopback()) })
	g.Expect(false, wrong)
}

func TestStudentLeavesUnixSocket(t *testing.T) {
	g := start(t)
	g.Call(what, moment, stuck, func() { exercise.LeavesSocket("unix", filepath.Join(t.TempDir(), "socket")) })
}

// The harness keeps some of this kind open, to look at the wire.
func TestStudentLeavesDatagramSocket(t *testing.T) {
	g := start(t)
	g.Call(what, moment, stuck, exercise.LeavesDatagramSocket)
}

// What the experiment owns is closed before the student is judged.
func TestStudentLeavesSocketToGrader(t *testing.T) {
	g := start(t)
	peer.PairNoKeepalive(g.Experiment)
	g.Call(what, moment, stuck, exercise.Returns)
}

func TestStudentLeavesProcess(t *testing.T) {
	g := start(t)
	g.Call(what, moment, stuck, exercise.LeavesProcess)
}
