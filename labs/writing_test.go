//go:build unix

package main

import (
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"socketlabs/harness/skip"
)

// verbs print something without running anything.
var verbs = [][]string{
	{},
	{"list"}, {"list", "--json"},
	{"show", "ReadDeadlineFreesReader"},
	{"claims"}, {"claims", "--markdown"}, {"claims", "--json"},
	{"exercises"}, {"exercises", "--json"},
	{"hint", "PatientConn"},
	{"solution", "--spoil", "PatientConn"},
	{"help"}, {"help", "run"}, {"run", "--help"},
	{"completion", "bash"},
}

// Whoever can't write says so, in one line, and does not pass.
func TestWhatCantBeWrittenIsSaid(t *testing.T) {
	self, err := os.Executable()
	require.NoError(t, err)
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
		for _, args := range verbs {
			t.Run(name+"/"+strings.Join(args, " "), func(t *testing.T) {
				var stderr strings.Builder
				cmd := exec.CommandContext(t.Context(), self, args...)
				cmd.Args[0] = "labs"
				cmd.Stdout, cmd.Stderr = stdout, &stderr
				cmd.Run() // its status is looked at below
				assert.Equal(t, badUseStatus, cmd.ProcessState.ExitCode())
				assert.Regexp(t, `^labs: can't write what there is to say: .+\n$`, stderr.String())
			})
		}
	}
}
