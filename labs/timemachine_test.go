package main

import (
	"encoding/json"
	"errors"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"socketlabs/harness/skip"
	"socketlabs/harness/story"
	"socketlabs/labs/internal/catalog"
	"socketlabs/labs/internal/gotest"
	"socketlabs/labs/internal/kept"
)

// newer are experiments that some kernels, or all guests, can't run: Debian's kernels are too old, the kernel of the Go module
// was built without a protocol, and guests have no Python.
var newer = map[string]string{
	"TestRTOMaxBoundsRetransmission":             "LongestRetransmission",
	"TestRTOMaxEndsUnacknowledgedWriteInSeconds": "LongestRetransmission",
	"TestDelayOfReuseIsASetting":                 "ReuseDelay",
	"TestMultipathConnectionIsProbed":            "MultipathTCP",
	"TestMultipathRefusesOptions":                "MultipathTCP",
	"TestForkedChildKeepsPort":                   "Python",
	"TestPythonCatchesKernelTimeoutAsOurs":       "Python",
	"TestPythonDefaultIsNoTimeout":               "Python",
	"TestPythonLeavesKeepaliveToTheSystem":       "Python",
	"TestPythonTimeoutIsForEachCall":             "Python",
	"TestSampleInPython":                         "Python",
}

// Experiments that go test skips, because they take minutes or hours, run here with all others. Their failures are those of
// their record.
func TestEveryExperimentPassesOnEveryKernel(t *testing.T) {
	skip.UnlessChecking(t, "travels with every kernel")
	self := skip.UnlessSelf(t)
	dir := t.TempDir()
	cmd := exec.CommandContext(t.Context(), self, "timemachine", "--all", "--json", "--keep", dir, "--limit", "30m")
	cmd.Args[0], cmd.Dir = "labs", ".."
	out, err := cmd.Output()
	if exit, failed := errors.AsType[*exec.ExitError](err); failed && exit.ExitCode() == badUseStatus {
		skip.Needs(t, "the time machine", string(exit.Stderr))
	}
	var records []struct{ Kernel, Test, Result, Says string }
	require.NoError(t, json.Unmarshal(out, &records), "%v: %s", err, out)
	assert.NotEmpty(t, records)
	runs, err := kept.Read(dir)
	require.NoError(t, err)
	for _, r := range records {
		if need := newer[r.Test]; need != "" && strings.Contains(r.Says, "needs "+need) {
			assert.Equal(t, gotest.Skip, r.Result, r.Test)
			continue
		}
		assert.Equal(t, gotest.Pass, r.Result, "%s on Linux %s: %s", r.Test, r.Kernel, said(runs, r.Kernel, r.Test))
	}

	recorded := make(map[string][]string) // by experiment, for those that run only here
	experiments, err := catalog.Load("..")
	require.NoError(t, err)
	for _, e := range experiments {
		if e.Long {
			recorded[e.Name()] = e.Failures
		}
	}
	for _, run := range runs {
		made := make(map[string][]string) // by experiment, including its subtests
		for _, test := range run.Tests {
			experiment, _, _ := strings.Cut(test.Test, "/")
			name := test.Lab + "/" + experiment
			if _, isLong := recorded[name]; test.Story == nil || test.Result == gotest.Skip || !isLong {
				continue
			}
			made[name] = append([]string{}, made[name]...)
			for _, failure := range story.Failures(test.Story.Events) {
				made[name] = append(made[name], string(failure))
			}
		}
		for name, failures := range made {
			slices.Sort(failures)
			assert.Equal(t, recorded[name], slices.Compact(failures), "%s makes something else fail on Linux %s; run \"make figures\"", name, run.Kernel)
		}
	}
}

// said is the output of a test that did not pass on a kernel, and of its subtests.
func said(runs []kept.Run, kernel, name string) string {
	var lines []string
	for _, run := range runs {
		for _, test := range run.Tests {
			if whole, _, _ := strings.Cut(test.Test, "/"); run.Kernel == kernel && whole == name && test.Result != gotest.Pass {
				lines = append(append(lines, test.Test), test.Says...)
			}
		}
	}
	return strings.Join(lines, "\n")
}
