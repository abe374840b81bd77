// Package child is for the harness's own tests: it runs a single test in a process of its own, through harness.Main, as
// a lab's tests run.
package child

import (
	"flag"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"socketlabs/harness"
	"socketlabs/harness/skip"
	"socketlabs/harness/story"
	"socketlabs/harness/wire"
)

// variable is the environment variable that tells a child which test it runs.
const variable = "HARNESS_TEST_CHILD"

// Main is for TestMain. In a child, the tests run as a lab's tests do. Tests whose names begin with TestChild run only
// in a child.
func Main(m *testing.M) {
	if os.Getenv(variable) != "" || os.Getenv("LABS_PROGRAM") != "" {
		harness.Main(m, wire.Watch)
	}
	LeaveOut("^TestChild")
	if err := flag.Set("test.parallel", "16"); err != nil { // experiments wait, here too
		panic(err) // the testing package always defines it
	}
	os.Exit(m.Run())
}

// LeaveOut makes this test binary skip the tests that match pattern, besides those that -skip names. It is for tests that
// other tests start in a process of their own.
func LeaveOut(pattern string) {
	flag.Parse()
	skipped := flag.Lookup("test.skip").Value
	if given := skipped.String(); given != "" {
		pattern = given + "|" + pattern
	}
	if err := skipped.Set(pattern); err != nil {
		panic(err) // the testing package takes any text
	}
}

// Command prepares this binary to run as a lab that has only the given test. Like go test, it sets a time limit: without
// any timer, and without cgo, Go reports a test that waits for a signal as a deadlock.
func Command(t *testing.T, test string, env ...string) *exec.Cmd {
	t.Helper()
	self := skip.UnlessSelf(t)
	cmd := exec.CommandContext(t.Context(), self, "-test.run=^"+test+"$", "-test.count=1", "-test.timeout=10m")
	cmd.Env = append(append(os.Environ(), variable+"="+test), env...)
	return cmd
}

// SkipIfIgnored skips a test in which a signal should end a child, if all our children ignore this signal. They ignore
// SIGHUP under nohup, and SIGINT in the background of a script.
func SkipIfIgnored(t *testing.T, s os.Signal) {
	t.Helper()
	if signal.Ignored(s) {
		skip.Needs(t, s.String(), "it is ignored here, and so in every process that we start; run the test in the foreground")
	}
}

// FilesNamed lists the files with the given name in a directory and below it.
func FilesNamed(t *testing.T, name, directory string) (paths []string) {
	t.Helper()
	require.NoError(t, filepath.WalkDir(directory, func(path string, _ fs.DirEntry, err error) error {
		if filepath.Base(path) == name {
			paths = append(paths, path)
		}
		return err
	}))
	return paths
}

// Story reads the story that a child has kept as an artifact.
func Story(t *testing.T, path string) story.Record {
	t.Helper()
	file, err := os.Open(path)
	require.NoError(t, err)
	defer file.Close()
	record, err := story.ReadJSON(file)
	require.NoError(t, err)
	return record
}

// Segments returns the segments in the story that a child has kept.
func Segments(t *testing.T, path string) (segments []story.Segment) {
	t.Helper()
	for _, e := range Story(t, path).Events {
		if e.Segment != nil {
			segments = append(segments, *e.Segment)
		}
	}
	return segments
}

// Recorder stands in for the test of an experiment that is meant to fail.
type Recorder struct {
	testing.TB
	Errors []string
}

func (r *Recorder) Helper() {}
func (r *Recorder) Errorf(format string, args ...any) {
	r.Errors = append(r.Errors, fmt.Sprintf(format, args...))
}
