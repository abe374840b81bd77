//go:build unix

package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// ^C at the terminal, and whatever else ends the command, ends go test and the experiment with it.
func TestInterruptLeavesNothingBehind(t *testing.T) {
	for _, signal := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP} {
		t.Run(signal.String(), func(t *testing.T) {
			t.Parallel()
			interrupt(t, signal, filepath.Join("testdata", "module"), "run", "ReadTakesMinutes")
		})
	}
}

func TestInterruptedReportLeavesTheOldOne(t *testing.T) {
	dir := t.TempDir()
	page := filepath.Join(dir, "report.html")
	require.NoError(t, os.WriteFile(page, []byte("good"), 0o666))
	interrupt(t, syscall.SIGINT, soundModule(t), "report", "-o", page)
	text, err := os.ReadFile(page)
	require.NoError(t, err)
	assert.Equal(t, "good", string(text))
	isAlone(t, page)
}

// The go command does not tidy up when it is killed or interrupted.
func TestInterruptedCompilersLeaveNothingBehind(t *testing.T) {
	for _, args := range [][]string{{"run", "VanishedPeerOnTheWire"}, {"grade", "SendAll"}} {
		t.Run(args[0], func(t *testing.T) {
			t.Parallel()
			cmd, temporary := commandIn(t, "..", args...)
			interruptWhen(t, cmd, temporary, syscall.SIGINT, func() bool {
				here, _ := filepath.Glob(filepath.Join(temporary, "go-build*"))
				below, _ := filepath.Glob(filepath.Join(temporary, "*", "go-build*"))
				return len(here)+len(below) > 0
			})
		})
	}
}

// interrupt runs the command in a module until an experiment there takes minutes, and then sends it a signal.
func interrupt(t *testing.T, signal syscall.Signal, module string, args ...string) {
	t.Helper()
	cmd, temporary := commandIn(t, module, args...)
	pidFile := filepath.Join(t.TempDir(), "pid")
	cmd.Env = append(cmd.Env, "LABS_TEST_PID_FILE="+pidFile)
	experiment := 0
	interruptWhen(t, cmd, temporary, signal, func() bool {
		text, err := os.ReadFile(pidFile)
		if err != nil {
			return false
		}
		experiment, err = strconv.Atoi(string(text))
		return err == nil
	})
	assert.ErrorIs(t, syscall.Kill(experiment, 0), syscall.ESRCH, "the experiment still runs")
}

// commandIn prepares the command to run in a module, with a folder of its own for temporary files.
func commandIn(t *testing.T, module string, args ...string) (cmd *exec.Cmd, temporary string) {
	t.Helper()
	self, err := os.Executable()
	require.NoError(t, err)
	temporary = t.TempDir()
	cmd = exec.CommandContext(t.Context(), self, args...)
	cmd.Args[0] = "labs"
	cmd.Dir = module
	cmd.Env = append(os.Environ(), "GOTMPDIR=", "TMPDIR="+temporary)
	return cmd, temporary
}

// interruptWhen starts the command, and sends it a signal once something has begun. It must say so, and leave no temporary files.
func interruptWhen(t *testing.T, cmd *exec.Cmd, temporary string, signal syscall.Signal, hasBegun func() bool) {
	t.Helper()
	var stdout, stderr strings.Builder
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	require.NoError(t, cmd.Start())
	require.Eventually(t, hasBegun, time.Minute, time.Millisecond, "what is to be interrupted does not begin")

	require.NoError(t, cmd.Process.Signal(signal))
	cmd.Wait() // its status is looked at next
	want := map[syscall.Signal]struct {
		status int
		says   string
	}{
		syscall.SIGINT:  {interruptedStatus, "labs: interrupted\n"},
		syscall.SIGTERM: {terminatedStatus, "labs: interrupted\n"},
		syscall.SIGHUP:  {badUseStatus, "labs: the terminal was closed\n"},
	}[signal]
	assert.Equal(t, want.status, cmd.ProcessState.ExitCode(), "%s", &stdout)
	assert.Equal(t, want.says, stderr.String())
	left, err := os.ReadDir(temporary)
	require.NoError(t, err)
	assert.Empty(t, left, "temporary files")
}
