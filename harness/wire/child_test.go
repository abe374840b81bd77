package wire_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"socketlabs/harness/internal/child"
	"socketlabs/harness/skip"
	"socketlabs/harness/wire"
)

// wireChild runs a test in a child process, which may capture segments, and returns its output.
func wireChild(t *testing.T, test string, args ...string) string {
	t.Helper()
	cmd := child.Command(t, test)
	cmd.Args = append(cmd.Args, args...)
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, "%s", out)
	if strings.Contains(string(out), "harness: skipped ") || strings.Contains(string(out), wire.NoSegments) {
		skip.Needs(t, "Capture", "nothing can be captured here")
	}
	return string(out)
}
