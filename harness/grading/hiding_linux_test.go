package grading_test

import (
	"os"
	"runtime"
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

var hidesInThread = student("HidesInThread", func() {
	hidden := make(chan struct{})
	go hideInThread(hidden)
	<-hidden
})

func hideInThread(hidden chan<- struct{}) {
	runtime.LockOSThread()
	if unix.Gettid() == unix.Getpid() { // the first thread's descriptors are the process's
		go hideInThread(hidden)
	} else {
		unix.Unshare(unix.CLONE_FILES)
		exercise.LeavesSocket("tcp", harness.Loopback())
		close(hidden)
	}
	<-never()
}

func TestStudentHidesInThread(t *testing.T) {
	g := start(t)
	g.Call(what, moment, stuck, hidesInThread(g))
}

// A thread may have descriptors of its own.
func TestHidingInThreadIsNoWayOut(t *testing.T) {
	skip.UnlessChecking(t, "waits to see whether a student tidies up")
	t.Parallel()
	left, printed, _ := grade(t, "TestStudentHidesInThread")
	if assert.NotNil(t, left.Finding, "%s", printed) {
		assert.Equal(t, "your code leaves a descriptor open", left.Finding.Mistake)
		assert.Regexp(t, `still open: descriptor \d+ of process`, left.Finding.Seen)
	}
}
