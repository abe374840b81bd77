//go:build unix

package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"socketlabs/harness/skip"
	"socketlabs/labs/internal/cli"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// writing are uses of the verbs in which they write something.
var writing = []struct{ module, args string }{
	{module, ""},
	{module, "help"}, {module, "help run"}, {module, "run --help"},
	{module, "completion bash"},
	{module, "list"}, {module, "list --json"},
	{module, "show ReadIsAnswered"},
	{"..", "find EOF"}, {"..", "find --json EOF"},
	{module, "run ReadIsAnswered --predict"},
	{module, "run ReadTakesMinutes"}, // the command ends it
	{module, "doctor"},
	{module, "matrix"}, {module, "matrix --markdown"},
	{module, "report"},
	{module, "site --serve"},
	{module, "kernel"},
	{"..", "try --keepalive 1s,1s,1"}, {"..", "advise --within 3s"},
	{"..", "claims"}, {"..", "claims --markdown"}, {"..", "claims --json"},
	{"..", "exercises"}, {"..", "exercises --json"},
	{"..", "hint SendAll"},
	{"..", "reset SendAll"},
	{"..", "solution --spoil SendAll"},
	{"..", "init NEW"},
	{"..", "new --check"},
	{"..", "watch"},
	{"..", "quiz lab03"},
	{"..", "grade SendAll"}, {"..", "grade --format json SendAll"},
	{"..", "timemachine DialTimeoutGivesUp --all"},
}

// If the command can't write, it says so in one line, fails, and ends what is running.
func TestWhatCantBeWrittenIsSaid(t *testing.T) {
	skip.UnlessChecking(t, "uses each verb where nothing can be written")
	full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	if err != nil {
		skip.Needs(t, "/dev/full", err.Error())
	}
	defer full.Close()
	reader, closed, err := os.Pipe()
	require.NoError(t, err)
	require.NoError(t, reader.Close())
	defer closed.Close()
	for name, stdout := range map[string]*os.File{"a full disk": full, "a closed pipe": closed} {
		for _, use := range writing {
			t.Run(name+"/"+use.args, func(t *testing.T) {
				args := strings.Fields(strings.Replace(use.args, "NEW", filepath.Join(t.TempDir(), "new"), 1))
				cmd, _ := commandIn(t, use.module, args...)
				var stderr strings.Builder
				cmd.Stdout, cmd.Stderr = stdout, &stderr
				cmd.Stdin = strings.NewReader("1\n")
				cmd.Run() // its status is checked below
				assert.Equal(t, badUseStatus, cmd.ProcessState.ExitCode())
				assert.Regexp(t, `^labs: can't write the output: .+\n$`, stderr.String())
			})
		}
	}
}

func TestWritingIsTriedWithEveryVerb(t *testing.T) {
	var tried []string
	for _, use := range writing {
		verb, _, _ := strings.Cut(use.args, " ")
		tried = append(tried, verb)
	}
	for _, verb := range newCommand(new(cli.Session)).Commands() {
		assert.Contains(t, tried, verb.Name())
	}
}

// If init can't write the whole folder, it removes what it has written, so that it can be run again.
func TestInitLeavesNoPartOfAFolder(t *testing.T) {
	labs, dir := filepath.Join(t.TempDir(), "labs"), filepath.Join(t.TempDir(), "student")
	require.NoError(t, os.Symlink(skip.UnlessSelf(t), labs))
	cmd := exec.CommandContext(t.Context(), "sh", "-c", `ulimit -f 2 && exec "$0" init "$1"`, labs, dir)
	cmd.Dir = ".."
	out, err := cmd.CombinedOutput()
	assert.Error(t, err)
	assert.Contains(t, string(out), syscall.EFBIG.Error())
	left, err := os.ReadDir(dir)
	require.NoError(t, err)
	assert.Empty(t, left)
}
