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
	for _, signal := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM} {
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

// interrupt runs the command in a module until an experiment there takes minutes, and then sends it a signal.
func interrupt(t *testing.T, signal syscall.Signal, module string, args ...string) {
	t.Helper()
	pidFile, temporary := filepath.Join(t.TempDir(), "pid"), t.TempDir()
	self, err := os.Executable()
	require.NoError(t, err)
	cmd := exec.CommandContext(t.Context(), self, args...)
	cmd.Args[0] = "labs"
	cmd.Dir = module
	cmd.Env = append(os.Environ(), "LABS_TEST_PID_FILE="+pidFile, "TMPDIR="+temporary)
	var stdout, stderr strings.Builder
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	require.NoError(t, cmd.Start())
	experiment := awaitPID(t, pidFile)

	require.NoError(t, cmd.Process.Signal(signal))
	cmd.Wait() // its status is looked at next
	assert.Equal(t, interruptedStatus, cmd.ProcessState.ExitCode())
	assert.Equal(t, "labs: interrupted\n", stderr.String())
	assert.ErrorIs(t, syscall.Kill(experiment, 0), syscall.ESRCH, "the experiment still runs; %s", &stdout)
	left, err := os.ReadDir(temporary)
	require.NoError(t, err)
	assert.Empty(t, left, "temporary files")
}

func awaitPID(t *testing.T, file string) (pid int) {
	t.Helper()
	require.Eventually(t, func() bool {
		text, err := os.ReadFile(file)
		if err != nil {
			return false
		}
		pid, err = strconv.Atoi(string(text))
		return err == nil
	}, time.Minute, 10*time.Millisecond, "the experiment does not begin")
	return pid
}
