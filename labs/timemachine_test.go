package main

import (
	"encoding/json"
	"errors"
	"os/exec"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"socketlabs/harness/skip"
	"socketlabs/labs/internal/gotest"
)

// What go test skips, because it takes minutes or hours, runs here.
func TestEveryLongExperimentPassesOnEveryKernel(t *testing.T) {
	skip.UnlessChecking(t, "travels with every kernel")
	self := skip.UnlessSelf(t)
	cmd := exec.CommandContext(t.Context(), self, "timemachine", "--json")
	cmd.Args[0], cmd.Dir = "labs", ".."
	out, err := cmd.Output()
	if exit, failed := errors.AsType[*exec.ExitError](err); failed && exit.ExitCode() == badUseStatus {
		skip.Needs(t, "the time machine", string(exit.Stderr))
	}
	require.NoError(t, err, "%s", out)
	var records []struct{ Kernel, Test, Result, Says string }
	require.NoError(t, json.Unmarshal(out, &records))
	assert.NotEmpty(t, records)
	for _, r := range records {
		assert.Equal(t, gotest.Pass, r.Result, "%s on Linux %s: %s", r.Test, r.Kernel, r.Says)
	}
}
