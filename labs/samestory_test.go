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
	"time"

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
	dir := t.TempDir()
	native := left(t, dir, exec.CommandContext(t.Context(),
		"go", "test", "-count=1", "-run", "^"+experiment+"$", "-artifacts", "-outputdir", dir, "../lab03_keepalive"))
	want := same(native)
	dir = t.TempDir()
	run, _ := commandIn(t, "..", "run", experiment, "--on", "machine", "--keep", dir)
	assert.Empty(t, cmp.Diff(want, same(left(t, dir, run))), "(-go test +labs run)")

	if missing := timemachine.Missing(); missing != "" {
		skip.Needs(t, "QEMU", missing)
	}
	guest := inGuest(t, experiment)
	require.Empty(t, cmp.Diff(want, same(guest)), "(-go test +labs run --on guest)")
	for i, e := range guest.Events { // what is late here is the machine; in the guest, three timers and their ticks
		assert.Less(t, e.At, native.Events[i].At+150*time.Millisecond, "%+v", want[i])
	}

	dir = t.TempDir()
	travel, _ := commandIn(t, "..", "timemachine", "--all", experiment, "--keep", dir)
	out, err := travel.CombinedOutput()
	require.NoError(t, err, "%s", out)
	kernels, err := os.ReadDir(dir)
	require.NoError(t, err)
	for _, kernel := range kernels {
		assert.Empty(t, cmp.Diff(want, same(storyIn(t, filepath.Join(dir, kernel.Name())))), "%s (-go test +time machine)", kernel.Name())
	}
}

// Nothing outside disturbs a guest, and its clock stands still while this machine is busy. What differs between two runs is
// what the kernel draws by lot: ports, and how far into its tick, which is 10 ms at the most, a timer is set.
func TestTwoRunsInVirtualTimeAreAlike(t *testing.T) {
	skip.UnlessChecking(t, "runs an experiment twice in a guest")
	if missing := timemachine.Missing(); missing != "" {
		skip.Needs(t, "QEMU", missing)
	}
	const tick = 10 * time.Millisecond
	const experiment = "TestVanishedPeerOnTheWire"
	first, second := inGuest(t, experiment), inGuest(t, experiment)
	require.Empty(t, cmp.Diff(same(first), same(second)), "(-first +second)")
	for i, e := range first.Events {
		assert.InDelta(t, e.At, second.Events[i].At, float64(2*tick), "%+v", e)
	}
}

// inGuest is the story of an experiment that the command runs in a guest.
func inGuest(t *testing.T, experiment string) story.Record {
	t.Helper()
	dir := t.TempDir()
	cmd, _ := commandIn(t, "..", "run", experiment, "--on", "guest", "--keep", dir)
	return left(t, dir, cmd)
}

// left is the one story that a command leaves below a folder.
func left(t *testing.T, dir string, cmd *exec.Cmd) story.Record {
	t.Helper()
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, "%s", out)
	return storyIn(t, dir)
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

// number is a port or a count; or a time in words, which needs a decimal point, or another unit, in one run and not in the next.
var number = regexp.MustCompile(`\d+(\.\d+)? (h|min|s|ms|µs)\b( \d+(\.\d+)? (min|s)\b)*|\d+`)

func TestStoriesAreComparedWithoutTheirTimes(t *testing.T) {
	for _, heard := range []string{"heard 6 s ago", "heard 6.1 s ago", "heard 990 ms ago", "heard 2 h 13.2 s ago", "heard 1 min 3 s ago"} {
		assert.Equal(t, "heard # ago", number.ReplaceAllString(heard, "#"))
	}
	assert.Equal(t, "port # sends # segments", number.ReplaceAllString("port 8080 sends 2 segments", "#"))
}

// storyIn reads the one story below a folder.
func storyIn(t *testing.T, dir string) (record story.Record) {
	t.Helper()
	require.NoError(t, filepath.WalkDir(dir, func(path string, _ fs.DirEntry, err error) error {
		if err != nil || filepath.Base(path) != "story.json" {
			return err
		}
		text, err := os.ReadFile(path)
		require.NoError(t, err)
		record, err = story.ReadJSON(strings.NewReader(string(text)))
		return err
	}))
	require.NotEmpty(t, record.Events, "no story below %s", dir)
	return record
}

// same is what does not differ from run to run.
func same(record story.Record) (events []event) {
	for _, e := range record.Events {
		same := event{Lane: e.Lane, Kind: e.Kind, Text: number.ReplaceAllString(e.Text, "#"), Call: e.Call, Failure: e.Failure, Error: number.ReplaceAllString(e.Error, "#")}
		if e.Segment != nil {
			same.Meaning, same.Unheard = e.Segment.Meaning, e.Segment.Unheard
		}
		events = append(events, same)
	}
	return events
}
