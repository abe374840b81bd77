package grade

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"socketlabs/harness/grading/report"
	"socketlabs/harness/skip"
	"socketlabs/labs/internal/catalog"
	"socketlabs/labs/internal/jail"
)

// limitsHere are small, because some code here runs until it reaches a limit.
var limitsHere = Limits{Time: time.Minute, Output: 1 << 20, Memory: 512 << 20}

// TestMain lets more tests run at the same time than there are processors, because graders wait more than they compute.
func TestMain(m *testing.M) {
	jail.Enter()
	if student := os.Getenv(studentVar); student != "" {
		fmt.Print(gradeHere(student))
		os.Exit(0)
	}
	flag.Parse()
	if err := flag.Set("test.parallel", "4"); err != nil {
		panic(err) // the testing package always defines it
	}
	os.Exit(m.Run())
}

// Whatever the code of one exercise does, only that exercise fails: the other one is graded, and nothing is left
// behind.
func TestHostileCodeCostsItsOwnExerciseOnly(t *testing.T) {
	skip.UnlessChecking(t, "waits for code that never ends")
	root, err := catalog.Root(".")
	require.NoError(t, err)
	t.Setenv("TMPDIR", t.TempDir()) // for the files of Do
	t.Run("all", func(t *testing.T) { testHostileCode(t, root) })
	assert.Empty(t, processesFrom(t, os.TempDir()), "are left behind")
	left, err := filepath.Glob(filepath.Join(os.TempDir(), "labs-grade-*"))
	require.NoError(t, err)
	assert.Empty(t, left, "is left behind")
}

func testHostileCode(t *testing.T, root string) {
	graders := NewGraders(root, t.TempDir())
	for _, code := range []struct{ does, body, mistake string }{
		{"nothing wrong", ``, ""},
		{"loops forever", `for {}`, "has not returned after"},
		{"stops its process", `syscall.Kill(syscall.Getpid(), syscall.SIGSTOP)`, "its process answers nothing"},
		{"panics", `panic("oops")`, "your code panics"},
		{"panics elsewhere", `go panic("oops"); select {}`, "your code panics"},
		{"exits well", `os.Exit(0)`, "your code ends the process"},
		{"exits badly", `os.Exit(1)`, "your code ends the process"},
		{"exits behind Go's back", `syscall.Exit(0)`, "your code ends the process"},
		{"claims to have passed", `fmt.Print("\n--- PASS: TestSendAll (0.00s)\nPASS\n"); syscall.Exit(0)`, "your code ends the process"},
		{"leaks a goroutine", `go func() { select {} }()`, "your code leaks a goroutine"},
		{"leaks a socket", `l, _ := net.Listen("tcp", "127.0.0.1:0"); keep = append(keep, l)`, "your code leaves a descriptor open"},
		{"leaks a child", `exec.Command("sleep", "1000").Start()`, "your code leaves a child process behind"},
		{"leaks a child in a session of its own", `c := exec.Command("sleep", "1000"); c.SysProcAttr = &syscall.SysProcAttr{Setsid: true}; c.Stdout = os.Stdout; c.Start()`,
			"your code leaves a child process behind"},
		{"prints a gigabyte", `for range 1 << 20 { fmt.Printf("%01024d", 0) }`, "your code prints without end"},
		{"takes gigabytes", `for { b := make([]byte, 1<<24); for i := range b { b[i] = 1 }; keep = append(keep, b) }`, "your code takes too much memory"},
	} {
		t.Run(code.does, func(t *testing.T) {
			t.Parallel()
			folder := t.TempDir()
			writeStudent(t, folder, fmt.Sprintf(student, code.body))
			results := gradeLab1(t, Task{Root: root, Student: folder, Limits: limitsHere, Graders: graders})
			assert.Equal(t, report.Passed, results["AskWithin"].Result, "%+v", results["AskWithin"].Finding)
			assert.Equal(t, report.NotBegun, results["PatientConn"].Result)
			assert.Zero(t, results["PatientConn"].Earned)

			got := results["SendAll"]
			if code.mistake == "" {
				assert.Equal(t, got.Points, got.Earned, "%+v", got.Finding)
			} else if assert.NotNil(t, got.Finding, "it has passed") {
				assert.Zero(t, got.Earned)
				assert.Contains(t, got.Finding.Mistake+"\n"+got.Finding.Seen, code.mistake)
			}
		})
	}
}

// gradeLab1 grades the exercises of Lab 1.
func gradeLab1(t *testing.T, task Task) map[string]Result {
	t.Helper()
	all, err := catalog.Exercises(task.Root)
	require.NoError(t, err)
	for _, e := range all {
		if e.Lab == "lab01_timeout" {
			task.Exercises = append(task.Exercises, e)
		}
	}
	results, err := task.Do(t.Context(), func(Result) {})
	require.NoError(t, err)
	byName := make(map[string]Result)
	for _, r := range results {
		byName[r.Name] = r
	}
	return byName
}

// processesFrom lists the processes whose temporary files are below a folder, except this one.
func processesFrom(t *testing.T, folder string) (found []string) {
	t.Helper()
	environments, err := filepath.Glob("/proc/[0-9]*/environ")
	require.NoError(t, err)
	for _, path := range environments {
		environment, err := os.ReadFile(path)
		if err == nil && bytes.Contains(environment, []byte("TMPDIR="+folder+"/labs-grade-")) {
			found = append(found, path)
		}
	}
	return found
}
