package grade

import (
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"socketlabs/harness/grading/report"
	"socketlabs/harness/skip"
	"socketlabs/labs/internal/catalog"
)

// newGraders are the graders of this project.
func newGraders(t *testing.T) *Graders {
	t.Helper()
	root, err := catalog.Root(".")
	require.NoError(t, err)
	return NewGraders(root, t.TempDir())
}

// graded grades Lab 1 with the code body at the beginning of SendAll, and the code beside next to the functions.
func graded(t *testing.T, graders *Graders, body, beside string) map[string]Result {
	t.Helper()
	folder := t.TempDir()
	writeStudent(t, folder, fmt.Sprintf(student, body)+beside)
	return gradeLab1(t, Task{Root: graders.root, Student: folder, Limits: limitsHere, Graders: graders})
}

// Whatever a student's process does before the grader calls it, it can't forge the verdict.
func TestVerdictCantBeForged(t *testing.T) {
	skip.UnlessChecking(t, "compiles graders")
	graders := newGraders(t)
	for does, init := range map[string]string{
		"writes reports": `
			text := []byte(` + "`" + `{"result":"passed"}` + "`" + `)
			for _, v := range os.Environ() {
				_, value, _ := strings.Cut(v, "=")
				os.WriteFile(value, text, 0o666)
			}
			os.WriteFile("report.json", text, 0o666)
			os.Exit(0)`,
		"prints reports everywhere": `
			for fd := range 100 {
				f := os.NewFile(uintptr(fd), "")
				for _, key := range []string{"report-", "report-" + os.Getenv("LABS_GRADE_REPORT")} {
					fmt.Fprintf(f, "\n=== ATTR  TestSendAll %s {\"result\":\"passed\"}\n--- PASS: TestSendAll (0.00s)\nPASS\n", key)
				}
			}
			os.Exit(0)`,
		"is another exercise": `
			os.Args = []string{os.Args[0], "-test.run=^TestAskWithin$", "-test.v"}
			os.Unsetenv("LABS_STUDENT")
			syscall.Exec("/proc/self/exe", os.Args, append(os.Environ(), "LABS_GRADE_REPORT=x"))`,
		"rewrites its tests": `
			for _, path := range []string{"/proc/self/mem", "/proc/1/mem", fmt.Sprintf("/proc/%d/mem", os.Getppid())} {
				if f, err := os.OpenFile(path, os.O_RDWR, 0); err == nil && path != "/proc/self/mem" {
					f.WriteAt([]byte{0xc3}, 0x401000)
				}
			}
			os.Exit(0)`,
	} {
		t.Run(does, func(t *testing.T) {
			t.Parallel()
			for name, r := range graded(t, graders, "", "\nfunc init() {"+init+"\n}\nvar _ = strings.Cut\n") {
				assert.Zero(t, r.Earned, name)
				assert.Equal(t, report.Failed, r.Result, "%s: %+v", name, r.Finding)
			}
		})
	}
}

// A student's code can't see or change what does not belong to it, and it is graded as if it had not tried.
func TestStudentSeesNothingElse(t *testing.T) {
	skip.UnlessChecking(t, "compiles graders")
	if missing := Missing(); missing != "" {
		skip.Needs(t, "Namespaces", missing)
	}
	outside, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer outside.Close()
	graders := newGraders(t)
	t.Setenv("LABS_TEST_SECRET", "42")
	open := t.TempDir() // everybody may write to it
	require.NoError(t, os.Chmod(open, 0o777))
	r := graded(t, graders, fmt.Sprintf("pry(%q, %q, %q)", graders.root, outside.Addr(), open), `
func pry(root, outside, open string) {
	if len(keep) > 0 {
		return
	}
	keep = append(keep, 1)
	say := func(what string, err error) { fmt.Printf("%s: %v\n", what, err == nil) }
	_, err := os.ReadDir(root + "/labs/internal/solutions")
	say("solutions", err)
	_, err = os.ReadFile(root + "/go.mod")
	say("project", err)
	for _, of := range []int{1, os.Getppid()} {
		_, err = os.Readlink(fmt.Sprintf("/proc/%d/cwd", of))
		say("folder of another", err)
	}
	say("write to the project", os.WriteFile(root + "/harness/grading/x", nil, 0o666))
	say("write anywhere", os.WriteFile(open + "/x", nil, 0o666))
	say("write to itself", os.WriteFile("/program", nil, 0o666))
	say("write to the root", os.WriteFile("/x", nil, 0o666))
	say("write to its own", os.WriteFile(os.TempDir() + "/x", nil, 0o666))
	home, _ := os.UserConfigDir()
	say("write go/env", os.MkdirAll(home + "/go", 0o777))
	fmt.Println("secret:", os.Getenv("LABS_TEST_SECRET") != "", os.Getenv("LABS_GRADE_REPORT") != "")
	conn, err := net.Dial("tcp", outside)
	say("network outside", err)
	if err == nil {
		conn.Close()
	}
	syscall.Kill(os.Getppid(), syscall.SIGSTOP) // never all processes: if the jail leaked, that would kill the whole machine
	syscall.Kill(os.Getppid(), syscall.SIGKILL)
	say("fifo", syscall.Mkfifo(os.TempDir() + "/report.json", 0o666))
}
`)["SendAll"]
	assert.Equal(t, report.Passed, r.Result, "%+v", r.Finding)
	assert.Equal(t, strings.Join([]string{
		"solutions: false", "project: false", "folder of another: false", "folder of another: false",
		"write to the project: false", "write anywhere: false", "write to itself: false", "write to the root: false",
		"write to its own: true", "write go/env: true", // in its own folder, which is removed with it
		"secret: false false", "network outside: false", "fifo: true",
	}, "\n"), strings.TrimSpace(r.Output))
}

// A process that the student's code starts ends with it, even a daemon.
func TestDaemonsAreEnded(t *testing.T) {
	skip.UnlessChecking(t, "compiles graders")
	mark := fmt.Sprint(100_000_000 + os.Getpid())
	r := graded(t, newGraders(t), fmt.Sprintf(`
	c := exec.Command("/bin/sh", "-c", "(setsid sleep %[1]s & ) ; exec setsid sleep %[1]s")
	c.Env = []string{"PATH=/usr/bin:/bin"}
	c.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	fmt.Println(c.Start())
	fmt.Println("sleeps")`, mark), "")["SendAll"]
	assert.Contains(t, r.Output, "<nil>", "it was started, as a control")
	assert.NotEqual(t, report.Passed, r.Result)
	lines, err := filepath.Glob("/proc/[0-9]*/cmdline")
	require.NoError(t, err)
	for _, path := range lines {
		line, _ := os.ReadFile(path)
		assert.NotContains(t, string(line), mark, path)
	}
}
