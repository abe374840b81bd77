//go:build linux

package main

import (
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"socketlabs/harness/skip"
	"socketlabs/harness/story"
	"socketlabs/labs/internal/timemachine"
)

// A story is the same whoever runs the experiment: go test, the command, and the time machine, on another kernel and in
// virtual time. Only times, ports and what depends on them differ.
func TestSameStoryHoweverItIsRun(t *testing.T) {
	skip.UnlessChecking(t, "runs an experiment in every way that there is")
	const experiment = "TestVanishedPeerOnTheWire"
	left := func(dir string, cmd *exec.Cmd) []event {
		t.Helper()
		out, err := cmd.CombinedOutput()
		require.NoError(t, err, "%s", out)
		return eventsIn(t, dir)
	}

	dir := t.TempDir()
	want := left(dir, exec.CommandContext(t.Context(),
		"go", "test", "-count=1", "-run", "^"+experiment+"$", "-artifacts", "-outputdir", dir, "../lab03_keepalive"))
	require.NotEmpty(t, want)
	dir = t.TempDir()
	run, _ := commandIn(t, "..", "run", experiment, "--keep", dir)
	assert.Empty(t, cmp.Diff(want, left(dir, run)), "(-go test +labs run)")

	if missing := timemachine.Missing(); missing != "" {
		skip.Needs(t, "QEMU", missing)
	}
	dir = t.TempDir()
	travel, _ := commandIn(t, "..", "timemachine", "--all", experiment, "--keep", dir)
	left(dir, travel)
	kernels, err := os.ReadDir(dir)
	require.NoError(t, err)
	for _, kernel := range kernels {
		assert.Empty(t, cmp.Diff(want, eventsIn(t, filepath.Join(dir, kernel.Name()))), "%s (-go test +time machine)", kernel.Name())
	}
}

// event is what a story's event has that does not differ from run to run.
type event struct {
	Lane    story.Lane
	Kind    story.Kind
	Text    string
	Call    string
	Error   string
	Failure story.Failure
	Meaning story.Meaning
	Unheard bool
}

var number = regexp.MustCompile(`\d+`)

// eventsIn reads the one story below a folder.
func eventsIn(t *testing.T, dir string) (events []event) {
	t.Helper()
	require.NoError(t, filepath.WalkDir(dir, func(path string, _ fs.DirEntry, err error) error {
		if err != nil || filepath.Base(path) != "story.json" {
			return err
		}
		text, err := os.ReadFile(path)
		require.NoError(t, err)
		record, err := story.ReadJSON(strings.NewReader(string(text)))
		require.NoError(t, err)
		for _, e := range record.Events {
			same := event{Lane: e.Lane, Kind: e.Kind, Text: number.ReplaceAllString(e.Text, "#"), Call: e.Call, Failure: e.Failure, Error: number.ReplaceAllString(e.Error, "#")}
			if e.Segment != nil {
				same.Meaning, same.Unheard = e.Segment.Meaning, e.Segment.Unheard
			}
			events = append(events, same)
		}
		return nil
	}))
	return events
}
