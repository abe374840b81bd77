//go:build unix

package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"socketlabs/harness/skip"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// writing is a use of each verb, in which it writes.
var writing = []struct{ module, args string }{
	{"sound", ""},
	{"sound", "help"}, {"sound", "help run"}, {"sound", "run --help"},
	{"sound", "completion bash"},
	{"sound", "list"}, {"sound", "list --json"},
	{"sound", "show ReadIsAnswered"},
	{"sound", "run ReadIsAnswered --predict"},
	{"sound", "run ReadTakesMinutes"}, // and is ended
	{"sound", "doctor"},
	{"sound", "matrix"}, {"sound", "matrix --markdown"},
	{"sound", "report"},
	{"real", "claims"}, {"real", "claims --markdown"}, {"real", "claims --json"},
	{"real", "exercises"}, {"real", "exercises --json"},
	{"real", "hint SendAll"},
	{"real", "solution --spoil SendAll"},
	{"real", "init NEW"},
	{"real", "watch"},
	{"real", "grade SendAll"}, {"real", "grade --format json SendAll"},
	{"real", "timemachine DialTimeoutGivesUp --all"},
}

// Whoever can't write says so, in one line, does not pass, and ends what is going on.
func TestWhatCantBeWrittenIsSaid(t *testing.T) {
	skip.UnlessChecking(t, "uses each verb where nothing can be written")
	sound := soundModule(t)
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
				module := map[string]string{"sound": sound, "real": ".."}[use.module]
				args := strings.Fields(strings.Replace(use.args, "NEW", filepath.Join(t.TempDir(), "new"), 1))
				cmd, _ := commandIn(t, module, args...)
				var stderr strings.Builder
				cmd.Stdout, cmd.Stderr = stdout, &stderr
				cmd.Stdin = strings.NewReader("1\n")
				cmd.Run() // its status is looked at below
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
	for _, verb := range newCommand(&labs{}).Commands() {
		assert.Contains(t, tried, verb.Name())
	}
}
