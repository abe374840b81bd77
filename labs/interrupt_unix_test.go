//go:build unix

package main

import (
	"io"
	"net/http"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"socketlabs/harness/skip"
)

// ^C at the terminal, or another signal that ends the command, also ends go test and the experiment.
func TestInterruptLeavesNothingBehind(t *testing.T) {
	for _, signal := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP} {
		t.Run(signal.String(), func(t *testing.T) {
			t.Parallel()
			if signal != syscall.SIGINT {
				skip.UnlessChecking(t, "runs an experiment, and interrupts it")
			}
			interrupt(t, signal, module, nil, "run", "ReadTakesMinutes")
		})
	}
}

func TestInterruptedReportLeavesTheOldOne(t *testing.T) {
	skip.UnlessChecking(t, "runs labs, and interrupts them")
	dir := t.TempDir()
	page := filepath.Join(dir, "report.html")
	require.NoError(t, os.WriteFile(page, []byte("good"), 0o666))
	interrupt(t, syscall.SIGINT, module, nil, "report", "-o", page)
	text, err := os.ReadFile(page)
	require.NoError(t, err)
	assert.Equal(t, "good", string(text))
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	assert.Len(t, entries, 1, "something is left beside it: %v", entries)
}

// After an interrupt, the command shows the outcomes of the experiments that have ended.
func TestInterruptTellsWhatHadPassed(t *testing.T) {
	skip.UnlessChecking(t, "runs labs, and interrupts them")
	for args, tests := range map[string][]string{ // names of experiments that end
		"run lab01":             {"TestReadIsAnswered "},
		"run lab01 --keep KEPT": {"TestReadIsAnswered "},
		"report -o PAGE":        {"TestReadIsAnswered ", "TestWriteFails ", "TestDecisionTable "},
	} {
		t.Run(args, func(t *testing.T) {
			t.Parallel()
			args := strings.Fields(strings.NewReplacer("KEPT", t.TempDir(), "PAGE", filepath.Join(t.TempDir(), "page.html")).Replace(args))
			said := interrupt(t, syscall.SIGINT, module, tests, args...)
			assert.Regexp(t, `\n✓ \d passed .* – 1 interrupted .* in \d`, said)
			assert.NotContains(t, said, "run lab01_works/TestReadTakesMinutes", "it was not its fault")
		})
	}
}

func TestInterruptTellsTheScore(t *testing.T) {
	skip.UnlessChecking(t, "runs a lab, and interrupts it")
	cmd, temporary := commandIn(t, module, "run", "lab01", "--predict")
	person, err := cmd.StdinPipe()
	require.NoError(t, err)
	_, err = io.WriteString(person, "2\n")
	require.NoError(t, err)
	said := interruptWhen(t, cmd, temporary, syscall.SIGINT, func(said string) bool { return strings.Contains(said, "2 of 2, ") })
	assert.Regexp(t, `\nYou were right about 1 of 1\.\n$`, said)
}

// More signals don't change how the command ends. If a terminal is closed, the shell and the kernel both send SIGHUP, and a
// person may press ^C again.
func TestSecondSignalChangesNothing(t *testing.T) {
	skip.UnlessChecking(t, "computes as long as it signals")
	cmd, _ := commandIn(t, "..", "watch", "SendAll")
	stdout, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	_, err = stdout.Read(make([]byte, 1)) // wait until it has begun
	require.NoError(t, err)
	over := make(chan error)
	go func() { over <- cmd.Wait() }()
	for {
		cmd.Process.Signal(syscall.SIGTERM) // fails once the command has ended
		select {
		case <-over:
			assert.Equal(t, terminatedStatus, cmd.ProcessState.ExitCode())
			return
		default:
		}
	}
}

// No temporary files are left, although the go command leaves some when it is killed or interrupted. The experiment runs on any
// machine.
func TestInterruptedCompilersLeaveNothingBehind(t *testing.T) {
	skip.UnlessChecking(t, "lets experiments and a grader be compiled, and interrupts that")
	for _, args := range [][]string{{"run", "ReadDeadlineFreesReader"}, {"grade", "SendAll"}} {
		t.Run(args[0], func(t *testing.T) {
			t.Parallel()
			cmd, temporary := commandIn(t, "..", args...)
			interruptWhen(t, cmd, temporary, syscall.SIGINT, func(string) bool {
				here, _ := filepath.Glob(filepath.Join(temporary, "go-build*"))
				below, _ := filepath.Glob(filepath.Join(temporary, "*", "go-build*"))
				return len(here)+len(below) > 0
			})
		})
	}
}

// The site is served until ^C. Then its server has ended, too.
func TestSiteIsShownUntilInterrupt(t *testing.T) {
	skip.UnlessChecking(t, "writes the site, and shows it")
	kept := t.TempDir()
	passed := filepath.Join(kept, "lab03_keepalive", "TestVanishedPeerOnTheWire", "outcome.json")
	require.NoError(t, os.MkdirAll(filepath.Dir(passed), 0o777))
	require.NoError(t, os.WriteFile(passed, []byte(`{"result": "pass"}`), 0o666))
	compiled, err := exec.CommandContext(t.Context(), "go", "env", "GOCACHE").Output()
	require.NoError(t, err)

	cmd, temporary := commandIn(t, "..", "site", "--serve", "--from", kept)
	cmd.Env = append(cmd.Env, "GOCACHE="+strings.TrimSpace(string(compiled)), "HOME="+t.TempDir(), "XDG_CACHE_HOME=") // a cache without the machine of the page
	address := ""
	interruptWhen(t, cmd, temporary, syscall.SIGINT, func(said string) bool {
		address = regexp.MustCompile(`(?m)^http://127\.0\.0\.1:\d+/$`).FindString(said)
		return address != "" && strings.Contains(get(t, address+"lab03_keepalive/TestVanishedPeerOnTheWire.html"), "✓ passed")
	})
	_, err = http.Get(address)
	assert.ErrorIs(t, err, syscall.ECONNREFUSED, "the server should be gone")
}

func get(t *testing.T, address string) string {
	t.Helper()
	answer, err := http.Get(address)
	require.NoError(t, err)
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	require.NoError(t, err)
	return string(text)
}

// interrupt runs the command in a module until an experiment that takes minutes has begun and all of some words were printed.
// Then it sends the command a signal.
func interrupt(t *testing.T, signal syscall.Signal, module string, words []string, args ...string) (said string) {
	t.Helper()
	cmd, temporary := commandIn(t, module, args...)
	pidFile := filepath.Join(t.TempDir(), "pid")
	cmd.Env = append(cmd.Env, "LABS_TEST_PID_FILE="+pidFile)
	experiment := 0
	said = interruptWhen(t, cmd, temporary, signal, func(said string) bool {
		for _, word := range words {
			if !strings.Contains(said, word) {
				return false
			}
		}
		text, err := os.ReadFile(pidFile)
		if err != nil {
			return false
		}
		experiment, err = strconv.Atoi(string(text))
		return err == nil
	})
	assert.ErrorIs(t, syscall.Kill(experiment, 0), syscall.ESRCH, "the experiment still runs")
	return said
}

// commandIn prepares the command to run in a module, with its own folder for temporary files.
func commandIn(t *testing.T, module string, args ...string) (cmd *exec.Cmd, temporary string) {
	t.Helper()
	self := skip.UnlessSelf(t)
	temporary = t.TempDir()
	cmd = exec.CommandContext(t.Context(), self, args...)
	cmd.Args[0] = "labs"
	cmd.Dir = module
	cmd.Env = append(os.Environ(), "GOTMPDIR=", "TMPDIR="+temporary)
	return cmd, temporary
}

// interruptWhen starts the command, and sends it a signal once hasBegun is true of its output so far. The command must say why
// it ends, and leave no temporary files. The result is its whole output.
func interruptWhen(t *testing.T, cmd *exec.Cmd, temporary string, sent syscall.Signal, hasBegun func(said string) bool) string {
	t.Helper()
	stdout, err := os.Create(filepath.Join(t.TempDir(), "stdout"))
	require.NoError(t, err)
	defer stdout.Close()
	said := func() string {
		text, err := os.ReadFile(stdout.Name())
		require.NoError(t, err)
		return string(text)
	}
	var stderr strings.Builder
	cmd.Stdout, cmd.Stderr = stdout, &stderr
	if signal.Ignored(sent) { // the tests were started so, for example by nohup; a child inherits that, but not a handler
		handled := make(chan os.Signal, 1)
		signal.Notify(handled, sent)
		defer signal.Stop(handled)
	}
	require.NoError(t, cmd.Start())
	require.Eventually(t, func() bool { return hasBegun(said()) }, time.Minute, time.Millisecond,
		"what is to be interrupted does not begin")

	require.NoError(t, cmd.Process.Signal(sent))
	cmd.Wait() // the next lines check its status
	want := map[syscall.Signal]struct {
		status int
		says   string
	}{
		syscall.SIGINT:  {interruptedStatus, "labs: interrupted\n"},
		syscall.SIGTERM: {terminatedStatus, "labs: interrupted\n"},
		syscall.SIGHUP:  {badUseStatus, "labs: the terminal was closed\n"},
	}[sent]
	assert.Equal(t, want.status, cmd.ProcessState.ExitCode(), "%s", said())
	assert.Equal(t, want.says, stderr.String())
	left, err := os.ReadDir(temporary)
	require.NoError(t, err)
	assert.Empty(t, left, "temporary files")
	return said()
}
