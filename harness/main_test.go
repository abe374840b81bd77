package harness_test

import (
	"flag"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"socketlabs/harness"
	"socketlabs/harness/skip"
)

// childVar names the test that a child is to be: this test binary, run through Main as a lab's is. The tests
// whose names begin with TestChild run in such children only.
const childVar = "HARNESS_TEST_CHILD"

func TestMain(m *testing.M) {
	if os.Getenv(childVar) != "" || os.Getenv("LABS_PROGRAM") != "" {
		harness.Main(m)
	}
	flag.Parse()
	skipped := flag.Lookup("test.skip")
	skipped.Value.Set(strings.TrimPrefix(skipped.Value.String()+"|^TestChild", "|"))
	os.Exit(m.Run())
}

// child prepares this binary to run as a lab whose only test is the one given. It has a time limit, as go test sets one:
// without any timer, and without cgo, Go takes a test that waits for a signal for a deadlock.
func child(t *testing.T, test string, env ...string) *exec.Cmd {
	t.Helper()
	self, err := os.Executable()
	require.NoError(t, err)
	cmd := exec.CommandContext(t.Context(), self, "-test.run=^"+test+"$", "-test.count=1", "-test.timeout=10m")
	cmd.Env = append(append(os.Environ(), childVar+"="+test), env...)
	return cmd
}

// skipIfIgnored skips a test in which a child is to end by a signal that all our children ignore, as they do
// SIGHUP under nohup, and SIGINT in the background of a script.
func skipIfIgnored(t *testing.T, s os.Signal) {
	t.Helper()
	if signal.Ignored(s) {
		skip.Needs(t, s.String(), "it is ignored here, and so in every process that we start; run the test in the foreground")
	}
}

func TestMainExitsAsTheTestsDo(t *testing.T) {
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
			cmd := child(t, end.test)
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
	cmd := child(t, "TestChildPasses", "LABS_IP=5")
	var stdout, stderr strings.Builder
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	cmd.Run() // its status is looked at below
	assert.Equal(t, 2, cmd.ProcessState.ExitCode())
	assert.Equal(t, "harness: LABS_IP=5: set it to 4 or 6\n", stderr.String())
	assert.Empty(t, stdout.String())
}

func TestSkippedExperimentsAreCounted(t *testing.T) {
	out, err := child(t, "TestChildNeedsLongTimers", "LABS_LONG=off").CombinedOutput()
	require.NoError(t, err)
	assert.Contains(t, string(out), "harness: 1 experiments were skipped; go test -v says why\n")
}

func TestChildNeedsLongTimers(t *testing.T) {
	harness.Start(t, harness.LongTimers)
	t.Error("this should have been skipped")
}

// go test keeps a package's result until something changes that its tests have read. What they read
// stands in this log; a setting that is missing there would give results of another setting.
func TestSettingsAreNotedForTheTestCache(t *testing.T) {
	log := filepath.Join(t.TempDir(), "testlog")
	cmd := child(t, "TestChildIsAnExperiment")
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
