package grading_test

import (
	"os"
	"testing"

	"github.com/stretchr/testify/assert"
	"golang.org/x/sys/unix"

	"socketlabs/harness"
	"socketlabs/harness/grading/testdata/exercise"
	"socketlabs/harness/skip"
)

var hides = student("Hides", func() {
	unix.Prctl(unix.PR_SET_DUMPABLE, 0, 0, 0, 0)
	exercise.LeavesSocket("tcp", harness.Loopback())
})

func TestStudentHides(t *testing.T) {
	g := start(t)
	g.Call(what, moment, stuck, hides(g))
}

// A process that hides its descriptors counts as leaving them open. Root may see them nevertheless, if it has all rights.
func TestHidingIsNoWayOut(t *testing.T) {
	skip.UnlessChecking(t, "waits to see whether a student tidies up")
	t.Parallel()
	left, printed, _ := grade(t, "TestStudentHides")
	if assert.NotNil(t, left.Finding, "%s", printed) {
		assert.Equal(t, "your code leaves a descriptor open", left.Finding.Mistake)
		const seen, isHidden = "descriptor [0-9]+ of process", "descriptors of process [0-9]+ \\(hidden\\)"
		want := isHidden
		if os.Getuid() == 0 {
			want = seen + "|" + isHidden
		}
		assert.Regexp(t, "still open: ("+want+")", left.Finding.Seen)
	}
}
