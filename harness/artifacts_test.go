package harness_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"socketlabs/harness/skip"
	"socketlabs/harness/timeline"
)

// wireChild runs a test in a child, where it may capture, and gives its output.
func wireChild(t *testing.T, test string, args ...string) string {
	t.Helper()
	cmd := child(t, test)
	cmd.Args = append(cmd.Args, args...)
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, "%s", out)
	if strings.Contains(string(out), "were skipped") || strings.Contains(string(out), "no wire") {
		skip.Needs(t, "Wire", "nothing can be captured here")
	}
	return string(out)
}

// filesNamed lists the files of a name in a directory and those below.
func filesNamed(t *testing.T, name, directory string) (paths []string) {
	t.Helper()
	require.NoError(t, filepath.WalkDir(directory, func(path string, _ fs.DirEntry, err error) error {
		if filepath.Base(path) == name {
			paths = append(paths, path)
		}
		return err
	}))
	return paths
}

func storyIn(t *testing.T, path string) timeline.Record {
	t.Helper()
	file, err := os.Open(path)
	require.NoError(t, err)
	defer file.Close()
	record, err := timeline.ReadJSON(file)
	require.NoError(t, err)
	return record
}

func segmentsIn(t *testing.T, path string) (segments []timeline.Segment) {
	t.Helper()
	for _, e := range storyIn(t, path).Events {
		if e.Segment != nil {
			segments = append(segments, *e.Segment)
		}
	}
	return segments
}
