package grade

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"socketlabs/harness/grading/report"
	"socketlabs/harness/skip"
	"socketlabs/labs/internal/catalog"
)

// Environment variables. A process of this test binary with studentVar grades the folder that the variable names. It may run in
// namespaces of its own. There, if mountVar has options for a file system, it first mounts one on TMPDIR. If namespacesVar is 0,
// nobody can make more namespaces.
const (
	studentVar    = "GRADE_TEST_STUDENT"
	rootVar       = "GRADE_TEST_ROOT" // a folder in the module
	mountVar      = "GRADE_TEST_MOUNT"
	namespacesVar = "GRADE_TEST_NAMESPACES"
)

// gradeHere grades, and returns the result in words.
func gradeHere(student string) string {
	if options := os.Getenv(mountVar); options != "" {
		flags, data := uintptr(0), options
		if options == "noexec" {
			flags, data = unix.MS_NOEXEC, ""
		}
		if err := unix.Mount("test", os.TempDir(), "tmpfs", flags, data); err != nil {
			return "no mount: " + err.Error()
		}
	}
	if os.Getenv(namespacesVar) == "0" {
		for _, kind := range []string{"user", "net"} {
			if err := os.WriteFile("/proc/sys/user/max_"+kind+"_namespaces", []byte("0"), 0o644); err != nil {
				return "no mount: " + err.Error()
			}
		}
	}
	root, err := catalog.Root(os.Getenv(rootVar))
	if err != nil {
		return err.Error()
	}
	all, err := catalog.Exercises(root)
	if err != nil {
		return err.Error()
	}
	all = slices.DeleteFunc(all, func(e catalog.Exercise) bool { return e.Name != "SendAll" })
	results, err := Task{Root: root, Student: student, Exercises: all, Limits: limitsHere}.Do(context.Background(), func(Result) {})
	if err != nil {
		return "error: " + err.Error()
	}
	said := fmt.Sprint(results[0].Result, ": ", results[0].Lines())
	if missing := Missing(); missing != "" {
		said += "; missing: " + missing
	}
	return said
}

// onMachine grades a student with a right solution, on a machine that lacks something.
func onMachine(t *testing.T, through []string, env ...string) (said string) {
	t.Helper()
	folder := t.TempDir()
	writeStudent(t, folder, fmt.Sprintf(student, ""))
	return gradedOn(t, folder, through, env...)
}

func gradedOn(t *testing.T, folder string, through []string, env ...string) (said string) {
	t.Helper()
	self, err := os.Executable()
	require.NoError(t, err)
	here, err := os.Getwd()
	require.NoError(t, err)
	line := append(through, self)
	cmd := exec.CommandContext(t.Context(), line[0], line[1:]...)
	cmd.Dir = t.TempDir() // for a relative TMPDIR
	cmd.Env = append(append(os.Environ(), studentVar+"="+folder), env...)
	if slices.ContainsFunc(env, func(v string) bool { return strings.HasPrefix(v, mountVar) || strings.HasPrefix(v, namespacesVar) }) {
		cmd.SysProcAttr = &syscall.SysProcAttr{
			Cloneflags:  unix.CLONE_NEWUSER | unix.CLONE_NEWNS,
			UidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getuid(), Size: 1}},
			GidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getgid(), Size: 1}},
		}
	}
	cmd.Env = append(cmd.Env, rootVar+"="+here)
	out, err := cmd.CombinedOutput()
	if cmd.SysProcAttr != nil && cmd.Process == nil {
		return "no mount: " + err.Error()
	}
	require.NoError(t, err, "%s", out)
	return string(out)
}

// If the machine lacks something, the error says so, and nobody is judged.
func TestWhatTheMachineLacksIsNoMistakeOfTheStudent(t *testing.T) {
	skip.UnlessChecking(t, "compiles graders")
	missing := filepath.Join(t.TempDir(), "file")
	require.NoError(t, os.WriteFile(missing, nil, 0o666))
	for lacks, on := range map[string]struct {
		env  []string
		want string
	}{
		"modules, and a network":        {[]string{"GOMODCACHE=" + t.TempDir(), "GOPROXY=off"}, "go can't compile: "},
		"a cache":                       {[]string{"GOCACHE=off"}, "go can't compile: build cache is disabled"},
		"a cache that can be written":   {[]string{"GOCACHE=" + missing}, "go can't compile: "},
		"room on the disk":              {[]string{"TMPDIR=" + t.TempDir(), mountVar + "=size=1m"}, "no space left on device"},
		"a disk that programs run from": {[]string{"TMPDIR=" + t.TempDir(), mountVar + "=noexec"}, "set TMPDIR to a folder that is not mounted noexec"},
		"a folder for temporary files":  {[]string{"TMPDIR=" + missing}, "not a directory"},
	} {
		t.Run(lacks, func(t *testing.T) {
			said := onMachine(t, nil, on.env...)
			if strings.HasPrefix(said, "no mount: ") {
				skip.Needs(t, "Namespaces", said)
			}
			assert.Contains(t, said, "error: ")
			assert.Contains(t, said, on.want)
			assert.NotContains(t, strings.TrimPrefix(said, "error: "), "exercise.go")
		})
	}
}

// Some errors of the machine are found before anything is compiled.
func TestWhatTheMachineLacksIsSaidAtOnce(t *testing.T) {
	said := onMachine(t, nil, "HOME=", "GOPATH=", "GOCACHE=", "GOMODCACHE=", "XDG_CACHE_HOME=")
	assert.Contains(t, said, "error: go has no folder for what it downloads and compiles: set HOME")
	said = onMachine(t, []string{"/bin/sh", "-c", `ulimit -n 20; exec "$0"`})
	assert.Contains(t, said, "error: grading needs 128 descriptors, and a process may open 20 here: raise the limit with ulimit -n")
}

// If the jail sets no HOME, the student's process gets the grader's. That is not the home of the person who grades.
func TestHomeOfTheOneWhoGradesIsNotHandedOn(t *testing.T) {
	t.Setenv("HOME", "/home/teacher")
	grader := filepath.Join(t.TempDir(), "grader")
	require.NoError(t, os.WriteFile(grader, []byte("#!/bin/sh\necho home: $HOME\n"), 0o777))
	place := filepath.Join(t.TempDir(), "place")
	_, err := run(t.Context(), binaries{graders: grader, student: grader}, place, catalog.Exercise{Name: "SendAll"}, limitsHere)
	require.ErrorContains(t, err, "its grader has come to no verdict")
	assert.ErrorContains(t, err, "home: "+place+"\n")
}

// A grader that comes to no verdict has printed texts of the student's. They can't affect the terminal of the person who grades.
func TestWhatAGraderPrintsIsMadeHarmless(t *testing.T) {
	grader := filepath.Join(t.TempDir(), "grader")
	require.NoError(t, os.WriteFile(grader, []byte("#!/bin/sh\nprintf 'line 1\\nline 2: \\033[2J::error::x'\n"), 0o777))
	place := filepath.Join(t.TempDir(), "place")
	_, err := run(t.Context(), binaries{graders: grader, student: grader}, place, catalog.Exercise{Name: "SendAll"}, limitsHere)
	assert.EqualError(t, err, "SendAll can't be graded: its grader has come to no verdict:\nline 1\nline 2: \\x1b[2J: :error::x")
	r := Result{Exercise: catalog.Exercise{Name: "SendAll"}, Report: report.Report{Result: report.Broken, Reason: "\x1b[2J"}}
	assert.EqualError(t, r.judge("", nil, limitsHere), `SendAll can't be graded: \x1b[2J`)
}

// A grader that dies while it cleans up has perhaps not seen all that the student's code leaves behind. The report comes last, but a
// panic does not prevent it.
func TestGraderThatDiesAfterItsReportHasComeToNoVerdict(t *testing.T) {
	for status, dies := range []bool{false, true} {
		grader := filepath.Join(t.TempDir(), "grader")
		script := fmt.Sprintf("#!/bin/sh\necho \"=== ATTR  TestSendAll report-$(cat) {\\\"result\\\":\\\"passed\\\"}\"\nexit %d\n", status)
		require.NoError(t, os.WriteFile(grader, []byte(script), 0o777))
		place := filepath.Join(t.TempDir(), "place")
		r, err := run(t.Context(), binaries{graders: grader, student: grader}, place, catalog.Exercise{Name: "SendAll"}, limitsHere)
		if !dies {
			require.NoError(t, err)
			assert.Equal(t, report.Passed, r.Result)
			continue
		}
		assert.ErrorContains(t, err, "its grader has come to no verdict")
		assert.NotEqual(t, report.Passed, r.Result)
	}
}

// The settings that the person who grades has for other work do not affect grading.
func TestSettingsOfTheOneWhoGradesDecideNothing(t *testing.T) {
	skip.UnlessChecking(t, "compiles graders")
	said := onMachine(t, []string{"/bin/sh", "-c", `ulimit -n 128; exec "$0"`}, // the least that grading asks for
		"GOFLAGS=-toolexec=false -mistyped", "TMPDIR=.", "GOTMPDIR=/nothing/there", "GOOS=plan9", "GOARCH=386", "GOWORK=/nothing/there")
	assert.Contains(t, said, report.Passed+": []")
}

// Without namespaces, a right solution still passes.
func TestGradingWorksWithoutNamespaces(t *testing.T) {
	skip.UnlessChecking(t, "compiles graders")
	said := onMachine(t, nil, namespacesVar+"=0")
	if strings.HasPrefix(said, "no mount: ") {
		skip.Needs(t, "Namespaces", said)
	}
	assert.Regexp(t, `^passed: \[\]; missing: no namespaces \(`, said)
}

// If a compiler writes too much, or takes too long, the student's file is at fault: the starter compiles.
func TestCompilerIsLimited(t *testing.T) {
	skip.UnlessChecking(t, "compiles for long")
	folder := t.TempDir()
	huge := "var huge = [...]byte{1 << 30: 1}\n" // in the binary: 1 GiB
	writeStudent(t, folder, strings.Replace(fmt.Sprintf(student, ""), "var keep", huge+"var keep", 1))
	begun := time.Now()
	said := gradedOn(t, folder, nil)
	assert.Contains(t, said, report.Failed+": ")
	assert.Contains(t, said, "it does not compile")
	assert.Less(t, time.Since(begun), 2*time.Minute)
}
