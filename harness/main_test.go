package harness_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"socketlabs/harness"
	"socketlabs/harness/internal/child"
)

func TestMain(m *testing.M) { child.Main(m) }

func TestMainExitsAsTheTestsDo(t *testing.T) {
	t.Parallel()
	for _, end := range []struct {
		test   string
		status int
		says   string
	}{
		{"TestChildPasses", 0, "PASS"},
		{"TestChildFails", 1, "FAIL"},
		{"TestChildPanics", 2, "panic: as asked"},
	} {
		t.Run(end.test, func(t *testing.T) {
			t.Parallel()
			cmd := child.Command(t, end.test)
			out, _ := cmd.CombinedOutput()
			assert.Equal(t, end.status, cmd.ProcessState.ExitCode())
			assert.Contains(t, string(out), end.says)
		})
	}
}

func TestChildPasses(*testing.T)   {}
func TestChildFails(t *testing.T)  { t.Error("as asked") }
func TestChildPanics(t *testing.T) { panic("as asked") }

func TestBadSettingGetsOneClearLine(t *testing.T) {
	t.Parallel()
	cmd := child.Command(t, "TestChildPasses", "LABS_IP=5")
	var stdout, stderr strings.Builder
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	cmd.Run() // its status is looked at below
	assert.Equal(t, 2, cmd.ProcessState.ExitCode())
	assert.Equal(t, "harness: LABS_IP=5: set it to 4 or 6\n", stderr.String())
	assert.Empty(t, stdout.String())
}

func TestSkippedExperimentsAreCounted(t *testing.T) {
	t.Parallel()
	out, err := child.Command(t, "TestChildNeedsLongTimers", "LABS_LONG=off").CombinedOutput()
	require.NoError(t, err)
	assert.Contains(t, string(out), "harness: skipped 1 experiment; go test -v says why\n")
}

func TestChildNeedsLongTimers(t *testing.T) {
	harness.Start(t, harness.LongTimers)
	t.Error("this should have been skipped")
}

// go test caches a package's result until something that its tests have read changes. This log lists
// what they have read. If a setting were missing there, go test could show the result of another setting.
func TestSettingsAreNotedForTheTestCache(t *testing.T) {
	t.Parallel()
	log := filepath.Join(t.TempDir(), "testlog")
	cmd := child.Command(t, "TestChildIsAnExperiment")
	cmd.Args = append(cmd.Args, "-test.testlogfile="+log)
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, "%s", out)
	noted, err := os.ReadFile(log)
	require.NoError(t, err)
	for _, setting := range []string{"LABS_SANDBOX", "LABS_IP", "LABS_LONG"} {
		assert.Contains(t, string(noted), "getenv "+setting+"\n")
	}
}

func TestChildIsAnExperiment(t *testing.T) {
	harness.Start(t)
}
