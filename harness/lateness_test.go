package harness_test

import (
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"socketlabs/harness"
	"socketlabs/harness/internal/child"
)

func BenchmarkThreeTimers(b *testing.B) {
	harness.ReportLateness(b, []time.Duration{3 * time.Microsecond, 1 * time.Microsecond, 2 * time.Microsecond})
}

func TestLatenessIsReportedAndKept(t *testing.T) {
	dir := t.TempDir()
	cmd := child.Command(t, "None")
	cmd.Args = append(cmd.Args, "-test.bench=^BenchmarkThreeTimers$", "-test.benchtime=1x", "-test.artifacts", "-test.outputdir="+dir)
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, "%s", out)
	assert.Regexp(t, `2\.000 µs-late-median\s+3\.000 µs-late-p99\n`, string(out))

	files := child.FilesNamed(t, "lateness.json", dir)
	require.Len(t, files, 1)
	kept, err := os.ReadFile(files[0])
	require.NoError(t, err)
	assert.JSONEq(t, "[3000, 1000, 2000]", string(kept))
}
